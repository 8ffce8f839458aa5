"""A bucket's one notification configuration.

https://www.pulumi.com/registry/packages/aws/api-docs/s3/bucketnotification/
"""

from __future__ import annotations

from typing import Any

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.aws.s3_settings import BucketSetting
from local_cloud.engine.values import Properties

# Input -> list in the API, and the names of the target's ARN on both sides.
_KINDS = {
    "topics": ("TopicConfigurations", "topicArn", "TopicArn"),
    "queues": ("QueueConfigurations", "queueArn", "QueueArn"),
    "lambdaFunctions": ("LambdaFunctionConfigurations", "lambdaFunctionArn", "LambdaFunctionArn"),
}


class Notification(BucketSetting):
    type = "aws:s3/bucketNotification:BucketNotification"
    replaces = frozenset({"bucket", "region"})

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        for kind in _KINDS:
            for event in [event for each in inputs.get(kind) or [] for event in each.get("events") or []]:
                if isinstance(event, str) and not event.startswith("s3:"):
                    raise EngineError(f"{self.type} {name}: the event {event!r} of {kind} must begin with s3:")
        return super().check(name, inputs, provider)

    def put(self, client: Any, bucket: str, inputs: Properties) -> None:
        client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration(inputs))

    def get(self, client: Any, bucket: str) -> Properties:
        return _inputs(client.get_bucket_notification_configuration(Bucket=bucket))

    def same(self, key: str, old: Any, new: Any) -> bool:
        """An id that nobody gave does not matter, nor does the order of events."""
        if key not in _KINDS or len(old) != len(new):
            return super().same(key, old, new)
        return all(_same_target(before, after) for before, after in zip(old, new, strict=True))

    def take_away(self, client: Any, bucket: str) -> None:
        client.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})


def _same_target(old: Properties, new: Properties) -> bool:
    one, other = ({**each, "events": sorted(each["events"])} for each in (old, new))
    if "id" not in one or "id" not in other:
        one.pop("id", None)
        other.pop("id", None)
    return one == other


def configuration(inputs: Properties) -> Properties:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_NotificationConfiguration.html"""
    made: Properties = {"EventBridgeConfiguration": {}} if inputs.get("eventbridge") else {}
    for key, (name, arn, api_arn) in _KINDS.items():
        if inputs.get(key):
            made[name] = [_target(each, arn, api_arn) for each in inputs[key]]
    return made


def _target(given: Properties, arn: str, api_arn: str) -> Properties:
    made: Properties = {api_arn: given[arn], "Events": given["events"]}
    if given.get("id"):
        made["Id"] = given["id"]
    rules = [
        {"Name": name, "Value": given[key]}
        for key, name in (("filterPrefix", "prefix"), ("filterSuffix", "suffix"))
        if given.get(key)
    ]
    return made | ({"Filter": {"Key": {"FilterRules": rules}}} if rules else {})


def _inputs(answer: Properties) -> Properties:
    found: Properties = {"eventbridge": True} if "EventBridgeConfiguration" in answer else {}
    for key, (name, arn, api_arn) in _KINDS.items():
        # Without any, the recorded ones are gone: None says so.
        found[key] = [_target_inputs(each, arn, api_arn) for each in answer.get(name, [])] or None
    return found


def _target_inputs(given: Properties, arn: str, api_arn: str) -> Properties:
    rules = given.get("Filter", {}).get("Key", {}).get("FilterRules", [])
    filters = {f"filter{rule['Name'].capitalize()}": rule["Value"] for rule in rules}
    return {arn: given[api_arn], "events": given["Events"], "id": given.get("Id")} | filters


HANDLERS = [Notification()]
