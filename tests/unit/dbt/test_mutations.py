"""The list of deliberate mistakes fits the project as it is; `make mutations` runs it."""

from __future__ import annotations

import pytest

from tests.mutations.mutation import Mutation, mutations


@pytest.mark.parametrize("mutation", mutations(), ids=lambda mutation: mutation.name)
def test_a_mistake_can_be_made_in_one_place_exactly(mutation: Mutation) -> None:
    assert mutation.occurrences() == 1, mutation.file
    assert mutation.replace != mutation.by


def test_there_are_enough_of_them_and_no_two_alike() -> None:
    names = [mutation.name for mutation in mutations()]
    assert len(names) == len(set(names)) >= 10
