"""Stops that the solver left out, put where a crew still has room and time for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from visits.rules.routing.tours import Matrix, Node, Shift, can_be_kept, has_room


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What the solver minimises: a metre, a second, a crew that sets out, and a crew that a stop does not want."""

    metre: int
    second: int
    crew: int
    unwanted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CrewDay:
    """A crew's shift, the nodes (by index) that it cannot or should not visit, and those that it visits, in order."""

    shift: Shift
    kind: int
    forbidden: frozenset[int]
    unwanted: frozenset[int]
    nodes: tuple[Node, ...]


def with_insertions(
    *, days: Sequence[CrewDay], left_out: Sequence[Node], metres: Matrix, seconds: Matrix, costs: Costs
) -> list[tuple[Node, ...]]:
    """
    Return each crew's nodes with those of `left_out` that can be put in anywhere, the most urgent first.

    Each goes where it costs least. Afterwards none of the others can be put into any tour at any place.
    """
    tours = [day.nodes for day in days]
    waiting = sorted(left_out, key=lambda node: -node.priority)
    refused: set[tuple[int, int, int]] = set()
    changes = [0] * len(days)
    inserted = True
    # Again until nothing changes: where a way round is quicker than the way straight on, an insertion makes room.
    while inserted and waiting:
        inserted = False
        still: list[Node] = []
        for node in waiting:
            best: tuple[int, int, int] | None = None
            seen_at_home: set[int] = set()
            for number, day in enumerate(days):
                if node.index in day.forbidden or (node.index, number, changes[number]) in refused:
                    continue
                if not tours[number]:
                    # Of crews of one kind that are all at home, one stands for all.
                    if day.kind in seen_at_home:
                        continue
                    seen_at_home.add(day.kind)
                found = _cheapest(day=day, nodes=tours[number], node=node, metres=metres, seconds=seconds, costs=costs)
                if found is None:
                    refused.add((node.index, number, changes[number]))
                elif best is None or found[0] < best[0]:
                    best = (found[0], number, found[1])
            if best is None:
                still.append(node)
                continue
            _cost, number, place = best
            tours[number] = (*tours[number][:place], node, *tours[number][place:])
            changes[number] += 1
            inserted = True
        waiting = still
    return tours


def _cheapest(
    *, day: CrewDay, nodes: tuple[Node, ...], node: Node, metres: Matrix, seconds: Matrix, costs: Costs
) -> tuple[int, int] | None:
    """Return the least extra cost and the place in the tour, None where the crew cannot visit the node."""
    shift = day.shift
    if not has_room(shift=shift, nodes=(*nodes, node)):
        return None
    path = [shift.index, *(each.index for each in nodes), shift.index]
    fixed = (0 if nodes else costs.crew) + (costs.unwanted if node.index in day.unwanted else 0)
    places = sorted(
        (
            fixed
            + costs.metre * _detour(metres, path[place], node.index, path[place + 1])
            + costs.second * (_detour(seconds, path[place], node.index, path[place + 1]) + node.service_seconds),
            place,
        )
        for place in range(len(nodes) + 1)
    )
    for cost, place in places:
        if can_be_kept(shift=shift, nodes=(*nodes[:place], node, *nodes[place:]), seconds=seconds):
            return cost, place
    return None


def _detour(matrix: Matrix, before: int, here: int, after: int) -> int:
    return matrix[before][here] + matrix[here][after] - matrix[before][after]
