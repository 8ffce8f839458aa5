"""Topics, their policies and subscriptions. https://www.pulumi.com/registry/packages/aws/api-docs/sns/"""

from __future__ import annotations

from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.aws.common import (
    AwsConnection,
    AwsHandler,
    found,
    lost_tags,
    same_json,
    tag_list,
    tag_map,
)  # fmt: skip
from local_cloud.engine.resources.base import Live
from local_cloud.engine.values import Properties

_TOPIC = {
    "displayName": "DisplayName", "policy": "Policy", "deliveryPolicy": "DeliveryPolicy",
    "kmsMasterKeyId": "KmsMasterKeyId", "signatureVersion": "SignatureVersion", "tracingConfig": "TracingConfig",
}  # fmt: skip


class Topic(AwsHandler):
    type = "aws:sns/topic:Topic"
    replaces = frozenset({"name", "namePrefix", "fifoTopic", "region"})
    auto_named = "name"
    tagged = True
    policies = ("policy",)

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        unsupported = (
            set(inputs)
            - set(_TOPIC)
            - {"name", "namePrefix", "tags", "region", "fifoTopic", "contentBasedDeduplication"}
        )
        super().check(name, inputs, provider)
        if unsupported:
            raise EngineError(f"{self.type} {name}: the local engine does not support {', '.join(sorted(unsupported))}")
        region = inputs.get("region") or provider.get("region")
        return super().check(name, inputs, provider) | ({"region": region} if region else {})

    def identity(self, inputs: Properties) -> object:
        return inputs.get("region"), inputs["name"]

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        attributes = {name: str(inputs[key]) for key, name in _TOPIC.items() if inputs.get(key) is not None}
        if inputs.get("fifoTopic"):
            attributes["FifoTopic"] = "true"
            attributes["ContentBasedDeduplication"] = str(bool(inputs.get("contentBasedDeduplication"))).lower()
        client = connection.client("sns")
        arn = client.create_topic(Name=inputs["name"], Attributes=attributes, Tags=tag_list(inputs))["TopicArn"]
        return str(arn), _topic(client.get_topic_attributes(TopicArn=arn)["Attributes"], inputs)

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        """SNS answers a second create of the same topic with the first one's ARN."""
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("sns")
        answer = found(lambda: client.get_topic_attributes(TopicArn=id_))
        if answer is None:
            return None
        attributes = answer["Attributes"]
        live = {key: attributes.get(name) or None for key, name in _TOPIC.items() if key in inputs}
        tags = tag_map(client.list_tags_for_resource(ResourceArn=id_)["Tags"])
        return Live(live | {"tagsAll": tags}, _topic(attributes, inputs))

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        client = connection.client("sns")
        for key, name in _TOPIC.items():
            if old.get(key) != new.get(key):
                value = "" if new.get(key) is None else str(new[key])
                client.set_topic_attributes(TopicArn=id_, AttributeName=name, AttributeValue=value)
        if lost := lost_tags(old, new):
            client.untag_resource(ResourceArn=id_, TagKeys=lost)
        if old.get("tagsAll") != new.get("tagsAll") and tag_list(new):
            client.tag_resource(ResourceArn=id_, Tags=tag_list(new))
        return _topic(client.get_topic_attributes(TopicArn=id_)["Attributes"], new)

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        found(lambda: connection.client("sns").delete_topic(TopicArn=id_))


def _topic(attributes: Properties, inputs: Properties) -> Properties:
    found_: Properties = {"arn": attributes["TopicArn"], "owner": attributes.get("Owner", "")}
    return found_ | ({} if "policy" in inputs else {"policy": attributes.get("Policy", "")})


class TopicPolicy(AwsHandler):
    type = "aws:sns/topicPolicy:TopicPolicy"
    replaces = frozenset({"arn", "region"})
    policies = ("policy",)

    def identity(self, inputs: Properties) -> object:
        return inputs["arn"]

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        _set_policy(connection, inputs["arn"], inputs["policy"])
        return str(inputs["arn"]), {"owner": inputs["arn"].split(":")[4]}

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        answer = found(lambda: connection.client("sns").get_topic_attributes(TopicArn=id_))
        return None if answer is None else Live({"policy": answer["Attributes"].get("Policy")})

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        return self.create(connection, new)[1]

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        """A topic always has a policy: the provider puts the default one back."""
        found(lambda: _set_policy(connection, id_, _default_policy(id_)))


def _set_policy(connection: AwsConnection, arn: str, policy: str) -> bool:
    connection.client("sns").set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)
    return True


def _default_policy(arn: str) -> str:
    """https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html"""
    import json

    actions = ["GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish"]  # fmt: skip  # noqa: E501
    return json.dumps(
        {
            "Version": "2008-10-17",
            "Id": "__default_policy_ID",
            "Statement": [
                {
                    "Sid": "__default_statement_ID",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": [f"SNS:{action}" for action in actions],
                    "Resource": arn,
                    "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
                }
            ],
        }
    )


_SUBSCRIPTION = {
    "rawMessageDelivery": "RawMessageDelivery", "filterPolicy": "FilterPolicy",
    "filterPolicyScope": "FilterPolicyScope", "redrivePolicy": "RedrivePolicy",
    "deliveryPolicy": "DeliveryPolicy", "subscriptionRoleArn": "SubscriptionRoleArn",
}  # fmt: skip


class TopicSubscription(AwsHandler):
    type = "aws:sns/topicSubscription:TopicSubscription"
    replaces = frozenset({"topic", "protocol", "endpoint", "region"})
    allowed = {"protocol": ("sqs", "sms", "lambda", "firehose", "application", "email", "email-json", "http", "https")}

    def identity(self, inputs: Properties) -> object:
        return inputs["topic"], inputs["protocol"], inputs["endpoint"]

    def same(self, key: str, old: Any, new: Any) -> bool:
        return key in ("filterPolicy", "redrivePolicy", "deliveryPolicy") and same_json(old, new)

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        arn = connection.client("sns").subscribe(
            TopicArn=inputs["topic"],
            Protocol=inputs["protocol"],
            Endpoint=inputs["endpoint"],
            Attributes={
                name: _attribute(inputs[key]) for key, name in _SUBSCRIPTION.items() if inputs.get(key) is not None
            },
            ReturnSubscriptionArn=True,
        )["SubscriptionArn"]
        return str(arn), {"arn": arn, "ownerId": inputs["topic"].split(":")[4], "pendingConfirmation": False}

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        """SNS answers a second subscription of the same endpoint with the first one's ARN."""
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        answer = found(lambda: connection.client("sns").get_subscription_attributes(SubscriptionArn=id_))
        if answer is None:
            return None
        live = {key: _live(answer["Attributes"].get(name)) for key, name in _SUBSCRIPTION.items() if key in inputs}
        return Live(live)

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        client = connection.client("sns")
        for key, name in _SUBSCRIPTION.items():
            if old.get(key) != new.get(key):
                value = "{}" if new.get(key) is None else _attribute(new[key])
                client.set_subscription_attributes(SubscriptionArn=id_, AttributeName=name, AttributeValue=value)
        return {key: outputs[key] for key in ("arn", "ownerId", "pendingConfirmation") if key in outputs}

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        found(lambda: connection.client("sns").unsubscribe(SubscriptionArn=id_))


def _attribute(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _live(value: str | None) -> Any:
    return {"true": True, "false": False}.get((value or "").lower(), value)


HANDLERS = [Topic(), TopicPolicy(), TopicSubscription()]
