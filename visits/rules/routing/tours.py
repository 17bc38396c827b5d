"""
The times of one crew's day: when each stop is reached, and whether the crew is back in time.

All times are whole seconds after the plan's epoch; distances are metres. The solver only proposes an order of
stops: a plan holds no tour that `time_tour` does not accept.
"""

from collections.abc import Sequence
from dataclasses import dataclass

Matrix = Sequence[Sequence[int]]
Windows = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A stop in the planner's terms. Service may start inside any of `windows`, both ends included."""

    index: int
    service_seconds: int
    windows: Windows
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A crew's day in the planner's terms: leave and return at `index`, within [starts, ends]."""

    index: int
    starts: int
    ends: int
    max_stops: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One stop of a timed tour. Service starts at `starts`; the time since `arrives` is waiting."""

    node: Node
    arrives: int
    starts: int
    leaves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A timed tour that keeps every window and ends within the shift."""

    departs: int
    returns: int
    calls: tuple[Call, ...]


def time_tour(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix) -> Tour | None:
    """
    Return the tour through `nodes` in that order, leaving as late as costs nothing; None if it cannot be kept.

    Each stop is served as early as one of its windows allows, so the return is the earliest possible;
    waiting is then moved before the departure as far as no window closes.
    """
    if len(nodes) > shift.max_stops:
        return None
    earliest = _timed(shift=shift, nodes=nodes, seconds=seconds, departs=shift.starts)
    if earliest is None or not nodes:
        return earliest
    waiting, latest = 0, earliest.returns
    for call in earliest.calls:
        waiting += call.starts - call.arrives
        closes = next(end for begin, end in call.node.windows if begin <= call.starts <= end)
        latest = min(latest, waiting + closes - call.starts)
    # Leaving later by the whole waiting time costs nothing, as long as no stop slips past its window.
    delay = min(latest, waiting)
    later = _timed(shift=shift, nodes=nodes, seconds=seconds, departs=shift.starts + delay)
    return later if later is not None and later.returns == earliest.returns else earliest


def reach_problem(*, shift: Shift, node: Node, seconds: Matrix) -> str:
    """Return "" if the crew could serve the stop alone, "WINDOW" if no window meets the shift, else "REACH"."""
    if not any(begin <= shift.ends and end >= shift.starts for begin, end in node.windows):
        return "WINDOW"
    return "" if _timed(shift=shift, nodes=(node,), seconds=seconds, departs=shift.starts) is not None else "REACH"


def without_misfits(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix) -> tuple[Tour, tuple[Node, ...]]:
    """
    Return a tour through as many of `nodes` as fit in that order, and those left out.

    Takes them one by one, the most urgent first, and keeps each that leaves the tour feasible.
    """
    kept: list[Node] = []
    places = {id(node): place for place, node in enumerate(nodes)}
    for node in sorted(nodes, key=lambda each: (-each.priority, places[id(each)])):
        tried = sorted([*kept, node], key=lambda each: places[id(each)])
        if time_tour(shift=shift, nodes=tried, seconds=seconds) is not None:
            kept = tried
    tour = time_tour(shift=shift, nodes=kept, seconds=seconds)
    chosen = {id(node) for node in kept}
    empty = Tour(departs=shift.starts, returns=shift.starts, calls=())
    return tour or empty, tuple(node for node in nodes if id(node) not in chosen)


def _timed(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix, departs: int) -> Tour | None:
    here, now = shift.index, departs
    calls: list[Call] = []
    for node in nodes:
        arrives = now + seconds[here][node.index]
        starts = min((max(arrives, begin) for begin, end in node.windows if arrives <= end), default=None)
        if starts is None:
            return None
        now = starts + node.service_seconds
        calls.append(Call(node=node, arrives=arrives, starts=starts, leaves=now))
        here = node.index
    returns = now + seconds[here][shift.index]
    if returns > shift.ends:
        return None
    return Tour(departs=departs, returns=returns, calls=tuple(calls))
