"""What AWS handlers share: policies as JSON, tags, errors that mean "gone"."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from local_cloud.engine.model import EngineError
from local_cloud.engine.resources.aws.connection import AwsConnection
from local_cloud.engine.resources.base import Handler, NotCreatedError
from local_cloud.engine.values import UNKNOWN, Properties, Secret

_GONE = {
    "NoSuchBucket", "NoSuchEntity", "NotFound", "NoSuchKey", "404", "NoSuchBucketPolicy",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration", "OwnershipControlsNotFoundError", "NotFoundException",
    "ServerSideEncryptionConfigurationNotFoundError", "AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist",
}  # fmt: skip


def error_code(error: BaseException) -> str:
    """The service's code of a botocore error, or an empty text."""
    response: Mapping[str, Any] = getattr(error, "response", {})
    return str(response.get("Error", {}).get("Code", ""))


def found(call: Callable[[], Any]) -> Any:
    """The call's answer, or None when what it asks for does not exist."""
    try:
        return call()
    except Exception as error:
        if error_code(error) in _GONE:
            return None
        raise


def refused(call: Callable[[], Any]) -> Any:
    """The answer of a call that creates something; an error of the service means that nothing was made."""
    try:
        return call()
    except Exception as error:
        if error_code(error):
            raise NotCreatedError(str(error)) from error
        raise


def same_json(old: Any, new: Any) -> bool:
    """Whether two policy texts say the same; one value and a list of it are the same, and lists have no order."""
    if not isinstance(old, str) or not isinstance(new, str):
        return False
    try:
        return bool(_canonical(json.loads(old)) == _canonical(json.loads(new)))
    except ValueError:
        return False


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        if len(value) == 1:
            return _canonical(value[0])
        return sorted((_canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    return value


class AwsHandler(Handler):
    """Base of all AWS handlers.

    Attributes:
        tagged: the type takes tags; the provider's default tags are merged into `tagsAll`.
        policies: inputs that are policy documents.
        allowed: input -> values that AWS takes.
        unordered: inputs that are lists without order.
    """

    tagged: ClassVar[bool] = False
    policies: ClassVar[tuple[str, ...]] = ()
    allowed: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    unordered: ClassVar[frozenset[str]] = frozenset()

    def check(self, name: str, inputs: Properties, provider: Properties) -> Properties:
        super().check(name, inputs, provider)
        for key in self.policies:
            _check_json(self.type, name, key, inputs.get(key))
        for key, values in self.allowed.items():
            for value in _values_at(inputs, key.split(".")):
                if value is not UNKNOWN and value not in values:
                    raise EngineError(
                        f"{self.type} {name}: the input {key} is {value!r}; allowed is {', '.join(values)}"
                    )
        if not self.tagged:
            return inputs
        defaults = (provider.get("defaultTags") or {}).get("tags") or {}
        return inputs | {"tagsAll": defaults | (inputs.get("tags") or {})}

    def same(self, key: str, old: Any, new: Any) -> bool:
        if key in self.policies:
            return same_json(old, new)
        if key in self.unordered:
            return bool(_canonical([old]) == _canonical([new]))
        return False

    def documents(self, inputs: Properties) -> Mapping[str, str]:
        return {key: inputs[key] for key in self.policies if isinstance(inputs.get(key), str)}


def _values_at(value: Any, path: list[str]) -> list[Any]:
    if isinstance(value, list):
        return [each for item in value for each in _values_at(item, path)]
    if not path:
        return [] if value is None else [value]
    return _values_at(value.get(path[0]), path[1:]) if isinstance(value, dict) else []


def _check_json(type_: str, name: str, key: str, value: Any) -> None:
    text = value.value if isinstance(value, Secret) else value
    if text is None or text is UNKNOWN:
        return
    try:
        json.loads(text)
    except ValueError as error:
        raise EngineError(f"{type_} {name}: the input {key} must be a JSON text: {error}") from error


def tag_list(inputs: Properties) -> list[dict[str, str]]:
    """Tags as most services take them."""
    return [{"Key": key, "Value": value} for key, value in sorted((inputs.get("tagsAll") or {}).items())]


def tag_map(tags: list[dict[str, str]]) -> dict[str, str]:
    """The inverse of `tag_list`."""
    return {each["Key"]: each["Value"] for each in tags}


def lost_tags(old: Properties, new: Properties) -> list[str]:
    """Keys of tags that an update takes away."""
    return sorted(set(old.get("tagsAll") or {}) - set(new.get("tagsAll") or {}))


__all__ = [
    "AwsConnection",
    "AwsHandler",
    "error_code",
    "found",
    "lost_tags",
    "refused",
    "same_json",
    "tag_list",
    "tag_map",
]
