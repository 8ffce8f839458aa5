"""Queues and their policies. https://www.pulumi.com/registry/packages/aws/api-docs/sqs/"""

from __future__ import annotations

from typing import Any, ClassVar

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.aws.common import AwsConnection, AwsHandler, found, lost_tags, same_json
from local_cloud.engine.resources.base import Live
from local_cloud.engine.values import Properties

_ATTRIBUTES = {
    "visibilityTimeoutSeconds": "VisibilityTimeout", "messageRetentionSeconds": "MessageRetentionPeriod",
    "maxMessageSize": "MaximumMessageSize", "delaySeconds": "DelaySeconds",
    "receiveWaitTimeSeconds": "ReceiveMessageWaitTimeSeconds", "redrivePolicy": "RedrivePolicy",
    "redriveAllowPolicy": "RedriveAllowPolicy", "policy": "Policy", "kmsMasterKeyId": "KmsMasterKeyId",
    "kmsDataKeyReusePeriodSeconds": "KmsDataKeyReusePeriodSeconds", "sqsManagedSseEnabled": "SqsManagedSseEnabled",
    "fifoQueue": "FifoQueue", "contentBasedDeduplication": "ContentBasedDeduplication",
    "deduplicationScope": "DeduplicationScope", "fifoThroughputLimit": "FifoThroughputLimit",
}  # fmt: skip

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_RANGES = {
    "visibilityTimeoutSeconds": (0, 43200), "messageRetentionSeconds": (60, 1209600), "delaySeconds": (0, 900),
    "receiveWaitTimeSeconds": (0, 20), "maxMessageSize": (1024, 1048576),
}  # fmt: skip
_DEFAULTS = {
    "visibilityTimeoutSeconds": 30, "messageRetentionSeconds": 345600, "delaySeconds": 0, "receiveWaitTimeSeconds": 0,
    "maxMessageSize": 262144,
}  # fmt: skip
_JSON = frozenset({"redrivePolicy", "redriveAllowPolicy", "policy"})


class Queue(AwsHandler):
    type = "aws:sqs/queue:Queue"
    replaces = frozenset({"name", "namePrefix", "fifoQueue", "region"})
    auto_named = "name"
    tagged = True
    policies = ("policy", "redrivePolicy", "redriveAllowPolicy")

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for key, (low, high) in _RANGES.items():
            value = inputs.get(key, low)
            if isinstance(value, int) and not low <= value <= high:
                raise EngineError(f"{self.type} {name}: the input {key} is {value}; allowed is {low} to {high}")
        region = inputs.get("region") or provider.get("region")
        return super().check(name, inputs, provider) | ({"region": region} if region else {})

    def identity(self, inputs: Properties) -> object:
        return inputs.get("region"), inputs["name"]

    def documents(self, inputs: Properties) -> dict[str, str]:
        return {"policy": inputs["policy"]} if isinstance(inputs.get("policy"), str) else {}

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        client = connection.client("sqs")
        made = client.create_queue(
            QueueName=inputs["name"], Attributes=_attributes(inputs), tags=inputs.get("tagsAll") or {}
        )
        return str(made["QueueUrl"]), _computed(connection, made["QueueUrl"])

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        answer = found(lambda: connection.client("sqs").get_queue_url(QueueName=inputs["name"]))
        if answer is None:
            return None
        connection.client("sqs").set_queue_attributes(QueueUrl=answer["QueueUrl"], Attributes=_attributes(inputs))
        return str(answer["QueueUrl"]), _computed(connection, answer["QueueUrl"])

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("sqs")
        answer = found(lambda: client.get_queue_attributes(QueueUrl=id_, AttributeNames=["All"]))
        if answer is None:
            return None
        attributes = answer["Attributes"]
        live = {key: _typed(attributes.get(name), inputs[key]) for key, name in _ATTRIBUTES.items() if key in inputs}
        tags = client.list_queue_tags(QueueUrl=id_).get("Tags", {})
        return Live(live | {"tagsAll": tags}, {"arn": attributes["QueueArn"], "url": id_})

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        client = connection.client("sqs")
        gone = {_ATTRIBUTES[key]: str(_DEFAULTS.get(key, "")) for key in old.keys() - new.keys() if key in _ATTRIBUTES}
        client.set_queue_attributes(QueueUrl=id_, Attributes=gone | _attributes(new))
        if lost := lost_tags(old, new):
            client.untag_queue(QueueUrl=id_, TagKeys=lost)
        if old.get("tagsAll") != new.get("tagsAll") and new.get("tagsAll"):
            client.tag_queue(QueueUrl=id_, Tags=new["tagsAll"])
        return {key: outputs[key] for key in ("arn", "url") if key in outputs}

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        found(lambda: connection.client("sqs").delete_queue(QueueUrl=id_))


def _attributes(inputs: Properties) -> dict[str, str]:
    given = {name: inputs[key] for key, name in _ATTRIBUTES.items() if inputs.get(key) is not None}
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}


def _typed(text: str | None, like: Any) -> Any:
    """An attribute, which is always a text, with the type of the recorded input."""
    if text is None:
        return None
    if isinstance(like, bool):
        return text.lower() == "true"
    return int(text) if isinstance(like, int) else text


def _computed(connection: AwsConnection, url: str) -> Properties:
    answer = connection.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return {"arn": answer["Attributes"]["QueueArn"], "url": url}


class QueueDocument(AwsHandler):
    """One JSON attribute of a queue as a resource of its own; the id is the queue's URL."""

    replaces = frozenset({"queueUrl", "region"})
    attribute: ClassVar[str]
    input: ClassVar[str]

    def identity(self, inputs: Properties) -> object:
        return inputs["queueUrl"]

    def same(self, key: str, old: Any, new: Any) -> bool:
        return key in _JSON and same_json(old, new)

    def create(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties]:
        _set(connection, inputs["queueUrl"], self.attribute, inputs[self.input])
        return str(inputs["queueUrl"]), {}

    def adopt(self, connection: AwsConnection, inputs: Properties) -> tuple[str, Properties] | None:
        return self.create(connection, inputs)

    def read(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> Live | None:
        client = connection.client("sqs")
        answer = found(lambda: client.get_queue_attributes(QueueUrl=id_, AttributeNames=[self.attribute]))
        value = (answer or {}).get("Attributes", {}).get(self.attribute)
        return Live({self.input: value}) if value else None

    def update(
        self, connection: AwsConnection, id_: str, old: Properties, new: Properties, outputs: Properties
    ) -> Properties:
        return self.create(connection, new)[1]

    def delete(self, connection: AwsConnection, id_: str, inputs: Properties, outputs: Properties) -> None:
        found(lambda: _set(connection, id_, self.attribute, ""))


def _set(connection: AwsConnection, url: str, attribute: str, value: str) -> bool:
    connection.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={attribute: value})
    return True


class QueuePolicy(QueueDocument):
    type = "aws:sqs/queuePolicy:QueuePolicy"
    attribute, input = "Policy", "policy"
    policies = ("policy",)


class RedriveAllowPolicy(QueueDocument):
    type = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
    attribute, input = "RedriveAllowPolicy", "redriveAllowPolicy"


HANDLERS = [Queue(), QueuePolicy(), RedriveAllowPolicy()]
