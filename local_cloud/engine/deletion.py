"""In which order resources go, and which ones go with a resource that is replaced."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from graphlib import TopologicalSorter

from local_cloud.engine.state import ResourceState


def deletion_order(resources: Sequence[ResourceState]) -> list[ResourceState]:
    """Dependents before what they depend on; among equals the youngest first.

    Args:
        resources: in the order of their creation. A replaced resource shares its URN with its successor.
    """
    youngest_first = list(reversed(resources))
    places: dict[str, list[int]] = {}
    for place, resource in enumerate(youngest_first):
        places.setdefault(resource.urn, []).append(place)
    # Edges turned round: the sorter yields a node after its predecessors, and a dependent must come first.
    sorter: TopologicalSorter[int] = TopologicalSorter(dict.fromkeys(range(len(youngest_first)), ()))
    for place, resource in enumerate(youngest_first):
        for urn in sorted(resource.needs() - {resource.urn}):
            for needed in places.get(urn, ()):
                sorter.add(needed, place)
    return [youngest_first[place] for place in sorter.static_order()]


def dependents(resources: Iterable[ResourceState], urn: str) -> list[ResourceState]:
    """Resources that need another one, directly or through others, in the order of their creation."""
    needing, found = {urn}, []
    remaining = list(resources)
    grew = True
    while grew:
        grew = False
        for resource in list(remaining):
            if resource.urn not in needing and resource.needs() & needing:
                needing.add(resource.urn)
                found.append(resource)
                remaining.remove(resource)
                grew = True
    return found
