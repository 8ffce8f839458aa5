"""Checks inputs against the installed SDK: known names, required inputs, types, nested ones too.

The provider's own schema is not in the SDK, but the `*Args` class generated for each resource is: names, types and what
is required. Only the class of a type that is in use is looked at, in the module that the program imported.
"""

from __future__ import annotations

import importlib
import inspect
import json
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any

from pulumi import Asset as SdkAsset
from pulumi import _types

from local_cloud.engine.model import EngineError
from local_cloud.engine.values import UNKNOWN, Asset, Properties, Secret

_PACKAGES = {"aws": "pulumi_aws", "snowflake": "pulumi_snowflake"}


@cache
def args_class(token: str) -> type:
    """The SDK's class of a resource type's inputs.

    Args:
        token: e.g. `aws:s3/bucket:Bucket` or `pulumi:providers:aws`.
    """
    package, middle, name = token.split(":")
    if package == "pulumi":
        return typing.cast(type, importlib.import_module(_PACKAGES[name]).ProviderArgs)
    module = middle.split("/")[0]
    path = _PACKAGES[package] if module == "index" else f"{_PACKAGES[package]}.{module}"
    sdk = importlib.import_module(path)
    # Where the plain name is taken by a nested type (BucketVersioningArgs), the generator calls it InitArgs.
    return typing.cast(type, getattr(sdk, f"{name}InitArgs", None) or getattr(sdk, f"{name}Args"))


@cache
def _required(cls: type) -> frozenset[str]:
    parameters = inspect.signature(cls.__init__).parameters.values()  # type: ignore[misc]  # of this very class
    needed = {each.name for each in parameters if each.default is inspect.Parameter.empty}
    return frozenset(pulumi for python, pulumi in _names(cls).items() if python in needed)


@cache
def _names(cls: type) -> dict[str, str]:
    return _types.input_type_py_to_pulumi_names(cls)


@cache
def _kinds(cls: type) -> dict[str, Any]:
    return dict(_types.input_type_types(cls))


def check(token: str, name: str, inputs: Properties) -> None:
    """Raise an EngineError for the first input that the provider's schema refuses."""
    _check_object(args_class(token), inputs, f"{token} {name}", "")


def from_provider_text(token: str, inputs: Properties) -> Properties:
    """Inputs of a provider resource, whose values other than texts travel as JSON."""
    return _decoded(_kinds(args_class(token)), inputs)


def _decoded(kinds: Mapping[str, Any], inputs: Properties) -> Properties:
    def decode(key: str, value: Any) -> Any:
        if isinstance(value, Secret):
            return Secret(decode(key, value.value))
        is_text = not isinstance(value, str) or kinds.get(key) is str
        return value if is_text else json.loads(value)

    return {key: decode(key, value) for key, value in inputs.items()}


def _check_object(cls: type, value: Mapping[str, Any], resource: str, path: str) -> None:
    kinds = _kinds(cls)
    for key in value:
        if key not in kinds:
            raise EngineError(
                f"{resource}: the provider knows no input {path}{key}; it takes {', '.join(sorted(kinds))}"
            )
    for key in sorted(_required(cls)):
        if value.get(key) is None:
            raise EngineError(f"{resource}: the input {path}{key} is required")
    for key, item in value.items():
        _check_value(kinds[key], item, resource, f"{path}{key}")


def _check_value(kind: Any, value: Any, resource: str, path: str) -> None:
    if isinstance(value, Secret):
        _check_secret(kind, value, resource, path)
        return
    if value is None or value is UNKNOWN:
        return
    alternatives = _alternatives(kind)
    objects = [each for each in alternatives if inspect.isclass(each) and _types.is_input_type(each)]
    if isinstance(value, dict) and objects:
        _check_object(objects[0], value, resource, f"{path}.")
    elif isinstance(value, dict):
        _check_mapping(alternatives, value, resource, path)
    elif isinstance(value, list):
        _check_list(alternatives, value, resource, path)
    elif not any(_is_scalar_of(each, value) for each in alternatives):
        raise _wrong(resource, path, value, alternatives)


def _check_secret(kind: Any, value: Secret, resource: str, path: str) -> None:
    try:
        _check_value(kind, value.value, resource, path)
    except EngineError:
        # That message would show the value.
        raise _wrong(resource, path, value, _alternatives(kind)) from None


def _check_mapping(alternatives: list[Any], value: Mapping[str, Any], resource: str, path: str) -> None:
    mappings = [each for each in alternatives if typing.get_origin(each) in (dict, _abc("Mapping"))]
    if not mappings and Any not in alternatives:
        raise _wrong(resource, path, value, alternatives)
    for key, item in value.items():
        _check_value(typing.get_args(mappings[0])[1] if mappings else Any, item, resource, f"{path}.{key}")


def _check_list(alternatives: list[Any], value: list[Any], resource: str, path: str) -> None:
    lists = [each for each in alternatives if typing.get_origin(each) in (list, _abc("Sequence"))]
    if not lists and Any not in alternatives:
        raise _wrong(resource, path, value, alternatives)
    for index, item in enumerate(value):
        _check_value(typing.get_args(lists[0])[0] if lists else Any, item, resource, f"{path}[{index}]")


def _abc(name: str) -> Any:
    return getattr(importlib.import_module("collections.abc"), name)


def _alternatives(kind: Any) -> list[Any]:
    """The plain types in an annotation such as `Union[str, Awaitable[str], Output[str]]`."""
    if typing.get_origin(kind) is typing.Union:
        return [each for part in typing.get_args(kind) for each in _alternatives(part)]
    return [kind]


_SCALARS: dict[type, tuple[type, ...]] = {str: (str,), bool: (bool,), int: (int,), float: (int, float)}


def _is_scalar_of(kind: Any, value: Any) -> bool:
    if kind is Any or kind is object:
        return True
    if isinstance(value, Asset):
        return inspect.isclass(kind) and issubclass(SdkAsset, kind)
    if inspect.isclass(kind) and issubclass(kind, str):
        return isinstance(value, str)
    return isinstance(value, _SCALARS.get(kind, ())) and (kind is bool or not isinstance(value, bool))


def _wrong(resource: str, path: str, value: Any, alternatives: list[Any]) -> EngineError:
    wanted = " or ".join(
        dict.fromkeys(
            getattr(each, "__name__", str(each))
            for each in alternatives
            if each is not type(None) and "Output" not in str(each) and "Awaitable" not in str(each)
        )
    )
    return EngineError(f"{resource}: the input {path} is {value!r}; allowed is {wanted}")
