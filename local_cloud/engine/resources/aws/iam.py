"""Roles and policies. https://www.pulumi.com/registry/packages/aws/api-docs/iam/"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.aws.common import (
    AwsConnection,
    AwsHandler,
    found,
    lost_tags,
    refused,
    tag_list,
    tag_map,
)  # fmt: skip
from local_cloud.engine.resources.base import Live
from local_cloud.engine.values import Properties


def _text(document: Any) -> str:
    """botocore decodes policy documents that it finds in answers."""
    return unquote(document) if isinstance(document, str) else json.dumps(document)


class Role(AwsHandler):
    type = "aws:iam/role:Role"
    replaces = frozenset({"name", "namePrefix", "path"})
    auto_named = "name"
    tagged = True
    policies = ("assumeRolePolicy",)

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for key in ("inlinePolicies", "managedPolicyArns"):
            if key in inputs:
                raise EngineError(
                    f"{self.type} {name}: the input {key} is not supported; use RolePolicy or RolePolicyAttachment"
                )
        duration = inputs.get("maxSessionDuration", 3600)
        if isinstance(duration, int) and not 3600 <= duration <= 43200:
            raise EngineError(
                f"{self.type} {name}: the input maxSessionDuration is {duration}; allowed is 3600 to 43200"
            )
        return super().check(name, {"path": "/", "maxSessionDuration": 3600} | inputs, provider)

    def identity(self, inputs: Properties) -> object:
        return inputs["name"]

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        optional = {"Description": inputs.get("description"), "PermissionsBoundary": inputs.get("permissionsBoundary")}
        answer = refused(
            lambda: connection.client("iam").create_role(
                RoleName=inputs["name"],
                Path=inputs["path"],
                AssumeRolePolicyDocument=inputs["assumeRolePolicy"],
                MaxSessionDuration=inputs["maxSessionDuration"],
                Tags=tag_list(inputs),
                **{key: value for key, value in optional.items() if value},
            )
        )
        return str(inputs["name"]), _role(answer["Role"])

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        live = self.read(connection, inputs["name"], inputs, {})
        if live is None:
            return None
        return str(inputs["name"]), self.update(connection, inputs["name"], live.inputs, inputs, live.outputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        answer = found(lambda: connection.client("iam").get_role(RoleName=id_))
        if answer is None:
            return None
        role = answer["Role"]
        return Live(
            {
                "assumeRolePolicy": _text(role["AssumeRolePolicyDocument"]),
                "description": role.get("Description") or None,
                "maxSessionDuration": role.get("MaxSessionDuration", 3600),
                "permissionsBoundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
                "tagsAll": tag_map(role.get("Tags", [])),
            },
            _role(role),
        )

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        client = connection.client("iam")
        if old.get("assumeRolePolicy") != new["assumeRolePolicy"]:
            client.update_assume_role_policy(RoleName=id_, PolicyDocument=new["assumeRolePolicy"])
        if any(old.get(key) != new.get(key) for key in ("description", "maxSessionDuration")):
            client.update_role(
                RoleName=id_, Description=new.get("description") or "", MaxSessionDuration=new["maxSessionDuration"]
            )
        if old.get("permissionsBoundary") != new.get("permissionsBoundary"):
            if new.get("permissionsBoundary"):
                client.put_role_permissions_boundary(RoleName=id_, PermissionsBoundary=new["permissionsBoundary"])
            else:
                client.delete_role_permissions_boundary(RoleName=id_)
        if lost := lost_tags(old, new):
            client.untag_role(RoleName=id_, TagKeys=lost)
        if old.get("tagsAll") != new.get("tagsAll") and tag_list(new):
            client.tag_role(RoleName=id_, Tags=tag_list(new))
        return {key: outputs[key] for key in ("arn", "uniqueId", "createDate") if key in outputs}

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        client = connection.client("iam")
        if inputs.get("forceDetachPolicies") and found(lambda: client.get_role(RoleName=id_)) is not None:
            for each in client.list_attached_role_policies(RoleName=id_)["AttachedPolicies"]:
                client.detach_role_policy(RoleName=id_, PolicyArn=each["PolicyArn"])
            for policy in client.list_role_policies(RoleName=id_)["PolicyNames"]:
                client.delete_role_policy(RoleName=id_, PolicyName=policy)
        found(lambda: client.delete_role(RoleName=id_))


def _role(role: Properties) -> Properties:
    return {"arn": role["Arn"], "uniqueId": role["RoleId"], "createDate": role["CreateDate"].isoformat()}


class RolePolicy(AwsHandler):
    type = "aws:iam/rolePolicy:RolePolicy"
    replaces = frozenset({"name", "namePrefix", "role"})
    auto_named = "name"
    policies = ("policy",)

    def identity(self, inputs: Properties) -> object:
        return inputs["role"], inputs["name"]

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        connection.client("iam").put_role_policy(
            RoleName=inputs["role"], PolicyName=inputs["name"], PolicyDocument=inputs["policy"]
        )
        return f"{inputs['role']}:{inputs['name']}", {}

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("iam")
        answer = found(lambda: client.get_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"]))
        return None if answer is None else Live({"policy": _text(answer["PolicyDocument"])})

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        return self.create(connection, new)[1]

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        client = connection.client("iam")
        found(lambda: client.delete_role_policy(RoleName=inputs["role"], PolicyName=inputs["name"]))


class Policy(AwsHandler):
    type = "aws:iam/policy:Policy"
    replaces = frozenset({"name", "namePrefix", "path", "description"})
    auto_named = "name"
    tagged = True
    policies = ("policy",)

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        return super().check(name, {"path": "/"} | inputs, provider)

    def identity(self, inputs: Properties) -> object:
        return inputs["name"]

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        optional = {"Description": inputs["description"]} if inputs.get("description") else {}
        made = refused(
            lambda: connection.client("iam").create_policy(
                PolicyName=inputs["name"],
                Path=inputs["path"],
                PolicyDocument=inputs["policy"],
                Tags=tag_list(inputs),
                **optional,
            )
        )["Policy"]
        return str(made["Arn"]), {"arn": made["Arn"], "policyId": made["PolicyId"]}

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        arn = f"arn:{connection.partition}:iam::{connection.account_id}:policy{inputs['path']}{inputs['name']}"
        live = self.read(connection, arn, inputs, {})
        if live is None:
            return None
        return arn, self.update(connection, arn, live.inputs, inputs, live.outputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("iam")
        answer = found(lambda: client.get_policy(PolicyArn=id_))
        if answer is None:
            return None
        version = answer["Policy"]["DefaultVersionId"]
        document = client.get_policy_version(PolicyArn=id_, VersionId=version)["PolicyVersion"]["Document"]
        return Live(
            {"policy": _text(document), "tagsAll": tag_map(answer["Policy"].get("Tags", []))},
            {"arn": id_, "policyId": answer["Policy"]["PolicyId"]},
        )

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        client = connection.client("iam")
        if old.get("policy") != new["policy"]:
            # A policy keeps five versions: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-versioning.html
            versions = client.list_policy_versions(PolicyArn=id_)["Versions"]
            if len(versions) >= 5:
                oldest = min((each for each in versions if not each["IsDefaultVersion"]), key=lambda v: v["CreateDate"])
                client.delete_policy_version(PolicyArn=id_, VersionId=oldest["VersionId"])
            client.create_policy_version(PolicyArn=id_, PolicyDocument=new["policy"], SetAsDefault=True)
        if lost := lost_tags(old, new):
            client.untag_policy(PolicyArn=id_, TagKeys=lost)
        if old.get("tagsAll") != new.get("tagsAll") and tag_list(new):
            client.tag_policy(PolicyArn=id_, Tags=tag_list(new))
        return {key: outputs[key] for key in ("arn", "policyId") if key in outputs}

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        client = connection.client("iam")
        versions = found(lambda: client.list_policy_versions(PolicyArn=id_)) or {"Versions": []}
        for each in versions["Versions"]:
            if not each["IsDefaultVersion"]:
                client.delete_policy_version(PolicyArn=id_, VersionId=each["VersionId"])
        found(lambda: client.delete_policy(PolicyArn=id_))


class RolePolicyAttachment(AwsHandler):
    type = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    replaces = frozenset({"role", "policyArn"})

    def identity(self, inputs: Properties) -> object:
        return inputs["role"], inputs["policyArn"]

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        connection.client("iam").attach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"])
        return f"{inputs['role']}/{inputs['policyArn']}", {}

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("iam")
        answer = found(lambda: client.list_attached_role_policies(RoleName=inputs["role"])) or {"AttachedPolicies": []}
        attached = {each["PolicyArn"] for each in answer["AttachedPolicies"]}
        return Live({}) if inputs["policyArn"] in attached else None

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        client = connection.client("iam")
        found(lambda: client.detach_role_policy(RoleName=inputs["role"], PolicyArn=inputs["policyArn"]))


HANDLERS = [Role(), RolePolicy(), Policy(), RolePolicyAttachment()]
