"""Paths of `ignore_changes`, differences, orders of deletion, URNs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local_cloud.engine import urns
from local_cloud.engine.deletion import deletion_order, dependents
from local_cloud.engine.diff import changed_keys, describe, path_parts, touches, with_ignored
from local_cloud.engine.state import ResourceState
from local_cloud.engine.values import UNKNOWN


@pytest.mark.parametrize(
    ("path", "parts"),
    [("a", ["a"]), ("a.b[0].c", ["a", "b", "0", "c"]), ('a["b.c"].d', ["a", "b.c", "d"]), ("a[*].b", ["a", "*", "b"])],
)
def test_path_parts(path: str, parts: list[str]) -> None:
    assert path_parts(path) == parts


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", {"a": 1, "b": {"x": 20, "y": 30}, "c": [{"k": 10}, {"k": 20}]}),
        ("b.x", {"a": 10, "b": {"x": 2, "y": 30}, "c": [{"k": 10}, {"k": 20}]}),
        ("b.*", {"a": 10, "b": {"x": 2, "y": 3}, "c": [{"k": 10}, {"k": 20}]}),
        ("c[1].k", {"a": 10, "b": {"x": 20, "y": 30}, "c": [{"k": 10}, {"k": 5}]}),
        ("c[*].k", {"a": 10, "b": {"x": 20, "y": 30}, "c": [{"k": 4}, {"k": 5}]}),
        ("d", {"a": 10, "b": {"x": 20, "y": 30}, "c": [{"k": 10}, {"k": 20}], "d": "kept"}),
    ],
)
def test_with_ignored(path: str, expected: dict[str, Any]) -> None:
    old = {"a": 1, "b": {"x": 2, "y": 3}, "c": [{"k": 4}, {"k": 5}], "d": "kept"}
    new = {"a": 10, "b": {"x": 20, "y": 30}, "c": [{"k": 10}, {"k": 20}]}
    assert with_ignored(old, new, [path]) == expected


def test_unknown_values_count_as_changed() -> None:
    assert changed_keys({"a": 1, "b": 1}, {"a": UNKNOWN, "b": 1}, lambda *_: False) == {"a"}
    assert str(describe({"a": 1}, {"a": UNKNOWN}, ["a"])[0]) == "~ a: 1 => '<unknown>'"


def test_touches() -> None:
    old, new = {"a": {"x": 1, "y": 1}, "b": 1}, {"a": {"x": 1, "y": 2}, "b": 1}
    found = [touches(path, old, new, {"a"}) for path in ("a", "a.x", "a.y", "b", "*")]
    assert found == [True, False, True, False, True]


@st.composite
def graphs(draw: st.DrawFn) -> list[ResourceState]:
    """Resources of which each depends on some that came before."""
    size = draw(st.integers(1, 8))
    edges = [draw(st.sets(st.integers(0, place - 1))) if place else set() for place in range(size)]
    return [
        ResourceState(
            f"u{place}", "t", f"u{place}", custom=True, dependencies=tuple(f"u{each}" for each in edges[place])
        )
        for place in range(size)
    ]


@given(graphs())
def test_dependents_are_deleted_first(resources: list[ResourceState]) -> None:
    order = [each.urn for each in deletion_order(resources)]
    assert sorted(order) == sorted(each.urn for each in resources)
    for each in resources:
        for needed in each.needs():
            assert order.index(each.urn) < order.index(needed)


@given(graphs())
def test_dependents_of_a_resource_reach_it(resources: list[ResourceState]) -> None:
    by_urn = {each.urn: each for each in resources}

    def reaches(each: ResourceState) -> bool:
        return any(urn == "u0" or reaches(by_urn[urn]) for urn in each.needs())

    assert {each.urn for each in dependents(resources, "u0")} == {each.urn for each in resources if reaches(each)}


def test_urns_follow_the_parents() -> None:
    stack = urns.make("dev", "play", "", urns.STACK_TYPE, "play-dev")
    group = urns.make("dev", "play", stack, "play:index:Group", "g")
    child = urns.make("dev", "play", group, "aws:s3/bucket:Bucket", "b")
    assert group == "urn:pulumi:dev::play::play:index:Group::g"
    assert child == "urn:pulumi:dev::play::play:index:Group$aws:s3/bucket:Bucket::b"
    assert urns.describe(child) == "aws:s3/bucket:Bucket b"
