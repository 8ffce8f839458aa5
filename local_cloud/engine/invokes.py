"""Functions of providers that a program may call: who we are in AWS, and policy documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local_cloud.engine.connections import Connections
from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.aws.connection import AwsConnection
from local_cloud.engine.state import ResourceState
from local_cloud.engine.values import Properties, reveal


def invoke(
    token: str, arguments: Properties, provider: Callable[[], ResourceState], connections: Connections
) -> Properties:
    """The function's result.

    Raises:
        EngineError: the function is not known.
    """
    if token == "aws:iam/getPolicyDocument:getPolicyDocument":  # noqa: S105  # a token of Pulumi's
        document = policy_document(arguments)
        return arguments | {"id": str(hash(document)), "json": document, "minifiedJson": _minified(document)}
    function = _ABOUT_AWS.get(token)
    if function is None:
        known = ", ".join(sorted([*_ABOUT_AWS, "aws:iam/getPolicyDocument:getPolicyDocument"]))
        raise EngineError(f"{token}: the local engine does not know this function; it knows {known}")
    found = provider()
    connection = connections.to(found.urn, "aws", reveal(found.inputs))
    assert isinstance(connection, AwsConnection)
    return function(connection)


def _caller_identity(connection: AwsConnection) -> Properties:
    found = connection.client("sts").get_caller_identity()
    return {"accountId": found["Account"], "arn": found["Arn"], "userId": found["UserId"], "id": found["Account"]}


def _partition(connection: AwsConnection) -> Properties:
    partition = connection.partition
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    reverse = ".".join(reversed(suffix.split(".")))
    return {"partition": partition, "id": partition, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}


def _region(connection: AwsConnection) -> Properties:
    region = connection.region
    endpoint = f"ec2.{region}.amazonaws.com"
    return {"region": region, "name": region, "id": region, "endpoint": endpoint, "description": region}


_ABOUT_AWS: dict[str, Callable[[AwsConnection], Properties]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": _caller_identity,
    "aws:index/getPartition:getPartition": _partition,
    "aws:index/getRegion:getRegion": _region,
}


def policy_document(arguments: Properties) -> str:
    """An IAM policy as the provider writes it: two spaces of indentation, single values without a list.

    https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
    """
    unknown = set(arguments) - {"statements", "version", "policyId"}
    if unknown:
        raise EngineError(f"getPolicyDocument: the local engine does not support {', '.join(sorted(unknown))}")
    document: dict[str, Any] = {"Version": arguments.get("version", "2012-10-17")}
    if arguments.get("policyId"):
        document["Id"] = arguments["policyId"]
    document["Statement"] = [_statement(each) for each in arguments.get("statements", [])]
    return json.dumps(document, indent=2)


def _statement(given: Properties) -> Properties:
    parts: Properties = {"Sid": given.get("sid"), "Effect": given.get("effect", "Allow")}
    for key, name in (
        ("actions", "Action"), ("notActions", "NotAction"), ("resources", "Resource"), ("notResources", "NotResource"),
    ):  # fmt: skip
        parts[name] = _one_or_all(sorted(given.get(key) or [], reverse=True))
    for key, name in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        parts[name] = _principals(given.get(key) or [])
    conditions: dict[str, dict[str, Any]] = {}
    for each in given.get("conditions") or []:
        conditions.setdefault(each["test"], {})[each["variable"]] = _one_or_all(each["values"])
    parts["Condition"] = conditions or None
    return {name: value for name, value in parts.items() if value not in (None, [])}


def _principals(given: list[Properties]) -> Any:
    if any(each["type"] == "*" for each in given):
        return "*"
    return {each["type"]: _one_or_all(each["identifiers"]) for each in given} or None


def _one_or_all(values: list[str]) -> Any:
    return values[0] if len(values) == 1 else values


def _minified(document: str) -> str:
    return json.dumps(json.loads(document), separators=(",", ":"))
