"""
The times of one crew's day: when each stop is reached, when the crew rests, and whether it is back in time.

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
    demand: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """A break in the planner's terms: begins within [opens, closes]."""

    opens: int
    closes: int
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """A crew's day in the planner's terms: leave and return at `index`, within [starts, ends]."""

    index: int
    starts: int
    ends: int
    max_stops: int
    capacity: int | None = None
    rests: tuple[Rest, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One stop of a timed tour. Service starts at `starts`; the time since `arrives` is waiting or rest."""

    node: Node
    arrives: int
    starts: int
    leaves: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """A timed tour that keeps every window and ends within the shift. `rests` are when its breaks begin."""

    departs: int
    returns: int
    calls: tuple[Call, ...]
    rests: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mark:
    """Where a crew is in its day: free at `now`, with what it has done; marks form a chain back to the departure."""

    now: int
    before: "_Mark | None" = None
    call: Call | None = None
    rest_at: int | None = None


def time_tour(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix) -> Tour | None:
    """
    Return the tour through `nodes` in that order, leaving as late as costs nothing; None if it cannot be kept.

    Each stop is served as early as one of its windows and the breaks allow, so the return is the earliest possible;
    waiting is then moved before the departure as far as the return stays the same.
    """
    if not has_room(shift=shift, nodes=nodes):
        return None
    earliest = _timed(shift=shift, nodes=nodes, seconds=seconds, departs=shift.starts)
    if earliest is None or not nodes:
        return earliest
    best, low, high = earliest, earliest.departs, earliest.calls[0].starts
    # Who leaves later is never back earlier, so the departures with the same return are one interval.
    while low < high:
        tried = (low + high + 1) // 2
        tour = _timed(shift=shift, nodes=nodes, seconds=seconds, departs=tried)
        if tour is not None and tour.returns == earliest.returns:
            best, low = tour, tried
        else:
            high = tried - 1
    return best


def has_room(*, shift: Shift, nodes: Sequence[Node]) -> bool:
    """Return whether the crew may visit so many stops with so much demand, whatever the time."""
    if len(nodes) > shift.max_stops:
        return False
    return shift.capacity is None or sum(node.demand for node in nodes) <= shift.capacity


def can_be_kept(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix) -> bool:
    """Return whether `time_tour` accepts the tour; cheaper."""
    return (
        has_room(shift=shift, nodes=nodes)
        and _timed(shift=shift, nodes=nodes, seconds=seconds, departs=shift.starts) is not None
    )


def reach_problem(*, shift: Shift, node: Node, seconds: Matrix) -> str:
    """Return "" if the crew could serve the stop alone, "WINDOW" if no window meets the shift, else "REACH"."""
    if not any(begin <= shift.ends and end >= shift.starts for begin, end in node.windows):
        return "WINDOW"
    return "" if _timed(shift=shift, nodes=(node,), seconds=seconds, departs=shift.starts) is not None else "REACH"


def without_misfits(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix) -> tuple[Node, ...]:
    """
    Return as many of `nodes` as the crew can visit in that order.

    Takes them one by one, the most urgent first, and keeps each that leaves the tour feasible.
    """
    if can_be_kept(shift=shift, nodes=nodes, seconds=seconds):
        return tuple(nodes)
    kept: list[int] = []
    for place in sorted(range(len(nodes)), key=lambda place: (-nodes[place].priority, place)):
        tried = sorted([*kept, place])
        if can_be_kept(shift=shift, nodes=[nodes[each] for each in tried], seconds=seconds):
            kept = tried
    return tuple(nodes[place] for place in kept)


def _timed(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix, departs: int) -> Tour | None:
    """Return the earliest tour that leaves at `departs` or, where a break comes first, after it."""
    if not shift.rests:
        return _timed_without_rests(shift=shift, nodes=nodes, seconds=seconds, departs=departs)
    # marks[n]: the earliest the crew is free with its first n breaks behind it. A crew that is free earlier can do all
    # that one can that is free later, so one mark for each number of breaks is enough.
    marks = _rested(shift, [_Mark(now=departs), *[None] * len(shift.rests)])
    here = shift.index
    for node in nodes:
        way = seconds[here][node.index]
        arrived = [None if mark is None else _Mark(now=mark.now + way, before=mark) for mark in marks]
        marks = _rested(shift, [_served(mark, node) for mark in _rested(shift, arrived)])
        if all(mark is None for mark in marks):
            return None
        here = node.index
    way = seconds[here][shift.index]
    back = _rested(shift, [None if mark is None else _Mark(now=mark.now + way, before=mark) for mark in marks])
    last = back[-1]
    return _told(last, departs) if last is not None and last.now <= shift.ends else None


def _timed_without_rests(*, shift: Shift, nodes: Sequence[Node], seconds: Matrix, departs: int) -> Tour | None:
    here, now = shift.index, departs
    calls: list[Call] = []
    for node in nodes:
        arrives = now + seconds[here][node.index]
        starts = _start(node, arrives)
        if starts is None:
            return None
        now = starts + node.service_seconds
        calls.append(Call(node=node, arrives=arrives, starts=starts, leaves=now))
        here = node.index
    returns = now + seconds[here][shift.index]
    if returns > shift.ends:
        return None
    return Tour(departs=departs, returns=returns, calls=tuple(calls))


def _start(node: Node, arrives: int) -> int | None:
    return min((max(arrives, begin) for begin, end in node.windows if arrives <= end), default=None)


def _rested(shift: Shift, marks: "list[_Mark | None]") -> "list[_Mark | None]":
    """Return the marks when the crew may also take its next breaks here."""
    marks = list(marks)
    for number, rest in enumerate(shift.rests):
        mark = marks[number]
        if mark is None:
            continue
        begins = max(mark.now, rest.opens)
        known = marks[number + 1]
        if begins <= rest.closes and (known is None or begins + rest.seconds < known.now):
            marks[number + 1] = _Mark(now=begins + rest.seconds, before=mark, rest_at=begins)
    return marks


def _served(mark: "_Mark | None", node: Node) -> "_Mark | None":
    if mark is None:
        return None
    starts = _start(node, mark.now)
    if starts is None:
        return None
    leaves = starts + node.service_seconds
    return _Mark(now=leaves, before=mark, call=Call(node=node, arrives=_arrival(mark), starts=starts, leaves=leaves))


def _arrival(mark: _Mark) -> int:
    """Return when the crew came to where it is now, before any break it has taken there."""
    while mark.rest_at is not None and mark.before is not None:
        mark = mark.before
    return mark.now


def _told(last: _Mark, departs: int) -> Tour:
    """Return the tour that a chain of marks tells; it is over when the crew arrives, not when it has rested there."""
    calls: list[Call] = []
    rests: list[int] = []
    mark: _Mark | None = last
    while mark is not None:
        if mark.call is not None:
            calls.append(mark.call)
        elif mark.rest_at is not None:
            rests.append(mark.rest_at)
        elif mark.before is not None:
            # The crew was on its way; the first way begins with the departure.
            departs = mark.before.now
        mark = mark.before
    return Tour(departs=departs, returns=_arrival(last), calls=tuple(reversed(calls)), rests=tuple(reversed(rests)))
