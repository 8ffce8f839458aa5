"""Property values: plain Python inside the engine, protobuf on the wire to the SDK.

Inside, a value is None, bool, int, float, str, list or dict with string keys; `UNKNOWN` for what only `up` can know;
`Secret` around anything that must not be shown. The wire's markers are the SDK's public protocol:
https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/properties.go
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import struct_pb2  # type: ignore[import-untyped]  # ships no types

from local_cloud.engine.model import EngineError

Properties = dict[str, Any]

_SIGNATURE = "4dabf18193072939515e22adb298388d"
_SECRET = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105  # a marker
_ASSET = "c44067f5952c0a294b673a41bacd8c17"
_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


class _Unknown:
    """The type of `UNKNOWN`; it equals nothing but itself."""

    def __repr__(self) -> str:
        return "<unknown>"

    def __deepcopy__(self, _memo: object) -> _Unknown:
        return self


UNKNOWN = _Unknown()


@dataclass(frozen=True)
class Secret:
    """A value that is stored encrypted and never shown."""

    value: Any

    def __repr__(self) -> str:
        return "[secret]"


@dataclass(frozen=True)
class Asset:
    """A file's or a literal text.

    Attributes:
        path: where the file is, or None for a literal.
        text: the literal, or None for a file.
        sha256: of the content, so that a changed file shows as a change.
    """

    path: str | None
    text: str | None
    sha256: str

    def read(self) -> bytes:
        """The content; the file must still be there."""
        return self.text.encode() if self.text is not None else Path(str(self.path)).read_bytes()


def from_struct(struct: struct_pb2.Struct) -> Properties:
    """What the SDK sent; absent values (nulls) are left out."""
    found = {key: _from_value(value) for key, value in struct.fields.items()}
    return {key: value for key, value in found.items() if value is not None}


def _from_value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _from_marked(value.struct_value)
    if kind == "list_value":
        return [_from_value(item) for item in value.list_value.values]
    if kind == "number_value":
        number = value.number_value
        return int(number) if number.is_integer() else number
    if kind == "string_value":
        return UNKNOWN if value.string_value == _UNKNOWN_TEXT else value.string_value
    return value.bool_value if kind == "bool_value" else None


def _from_marked(struct: struct_pb2.Struct) -> Any:
    signature = struct.fields[_SIGNATURE].string_value if _SIGNATURE in struct.fields else None
    if signature is None:
        return from_struct(struct)
    if signature == _SECRET:
        return Secret(_from_value(struct.fields["value"]))
    if signature == _ASSET:
        return _asset(struct)
    raise EngineError("the local engine passes on values, secrets and file or text assets, not archives or resources")


def _asset(struct: struct_pb2.Struct) -> Asset:
    if "text" in struct.fields:
        text = struct.fields["text"].string_value
        return Asset(None, text, hashlib.sha256(text.encode()).hexdigest())
    if "path" in struct.fields:
        path = Path(struct.fields["path"].string_value).resolve()
        if not path.is_file():
            raise EngineError(f"the asset {path} is not a file")
        return Asset(str(path), None, hashlib.sha256(path.read_bytes()).hexdigest())
    raise EngineError("the local engine reads assets from a file or a text, not from an address")


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """What the SDK receives."""
    struct = struct_pb2.Struct()
    for key, value in properties.items():
        struct.fields[key].CopyFrom(_to_value(value))
    return struct


def _to_value(value: Any) -> struct_pb2.Value:
    if value is UNKNOWN:
        return struct_pb2.Value(string_value=_UNKNOWN_TEXT)
    if isinstance(value, Secret):
        marked = struct_pb2.Struct()
        marked.fields[_SIGNATURE].string_value = _SECRET
        marked.fields["value"].CopyFrom(_to_value(value.value))
        return struct_pb2.Value(struct_value=marked)
    if isinstance(value, Asset):
        content: Properties = {"text": value.text} if value.text is not None else {"path": value.path}
        return struct_pb2.Value(struct_value=to_struct({_SIGNATURE: _ASSET} | content))
    if isinstance(value, Mapping):
        return struct_pb2.Value(struct_value=to_struct(value))
    if isinstance(value, list | tuple):
        return struct_pb2.Value(list_value=struct_pb2.ListValue(values=[_to_value(item) for item in value]))
    return _scalar(value)


def _scalar(value: Any) -> struct_pb2.Value:
    if value is None:
        return struct_pb2.Value(null_value=struct_pb2.NULL_VALUE)
    if isinstance(value, bool):
        return struct_pb2.Value(bool_value=value)
    if isinstance(value, int | float):
        return struct_pb2.Value(number_value=float(value))
    return struct_pb2.Value(string_value=str(value))


def reveal(value: Any) -> Any:
    """The value without its `Secret` wrappers."""
    if isinstance(value, Secret):
        return reveal(value.value)
    if isinstance(value, Mapping):
        return {key: reveal(item) for key, item in value.items()}
    return [reveal(item) for item in value] if isinstance(value, list) else value


def masked(value: Any, instead: str = "[secret]") -> Any:
    """The value with a text in the place of every secret; unknown parts stay unknown."""
    if isinstance(value, Secret):
        return instead
    if isinstance(value, Mapping):
        return {key: masked(item, instead) for key, item in value.items()}
    return [masked(item, instead) for item in value] if isinstance(value, list) else value


def shown(value: Any) -> Any:
    """The value as people may see it."""
    if isinstance(value, Secret) or value is UNKNOWN:
        return repr(value)
    if isinstance(value, Asset):
        return value.path or f"text {value.sha256[:12]}"
    if isinstance(value, Mapping):
        return {key: shown(item) for key, item in value.items()}
    return [shown(item) for item in value] if isinstance(value, list) else value


def with_secrets_of(value: Any, inputs: Any) -> Any:
    """A value that came back in clear, with every part secret that is secret in the inputs."""
    if isinstance(inputs, Secret):
        return value if isinstance(value, Secret) else Secret(value)
    if isinstance(value, dict) and isinstance(inputs, dict):
        return {key: with_secrets_of(item, inputs.get(key)) for key, item in value.items()}
    if isinstance(value, list) and isinstance(inputs, list) and has_secret(inputs):
        # Places may have moved: better one secret too many.
        return Secret(value)
    return value


def has_unknown(value: Any) -> bool:
    """Whether any part of the value is unknown."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, Mapping):
        return any(has_unknown(item) for item in value.values())
    return any(has_unknown(item) for item in value) if isinstance(value, list) else value is UNKNOWN


def has_secret(value: Any) -> bool:
    """Whether any part of the value is secret."""
    if isinstance(value, Mapping):
        return any(has_secret(item) for item in value.values())
    return any(has_secret(item) for item in value) if isinstance(value, list) else isinstance(value, Secret)
