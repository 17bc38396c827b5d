"""Decide whether conditions can hold together: exact answers over cells of values, in a bounded number of steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cases.rules.policy.body import AllOf, Condition, Not, Tree
from cases.rules.policy.value_cells import Space

# A usual question takes some dozen steps. These bounds stop a policy that is built to take much longer.
STEPS_A_QUESTION: Final = 20_000
STEPS_IN_ALL: Final = 300_000


class TooComplex(Exception):
    """The search reached its bound without an answer."""


@dataclass(frozen=True, slots=True)
class InCells:
    """The value of one feature (its index among the axes) lies in one of these cells (bits)."""

    axis: int
    cells: int


@dataclass(frozen=True, slots=True)
class AllHold:
    """All parts hold. Without parts it always holds."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class AnyHolds:
    """At least one part holds. Without parts it never holds."""

    parts: tuple["Node", ...]


Node = InCells | AllHold | AnyHolds
Box = tuple[int, ...]
ALWAYS: Final = AllHold(())
NEVER: Final = AnyHolds(())


class Solver:
    """
    Answers questions about the conditions of one space, within STEPS_IN_ALL steps for all questions together.

    `laws` are conditions that always hold between features, such as bucket and days past due.
    """

    def __init__(self, *, space: Space, laws: Sequence[Tree] = ()) -> None:
        self.space = space
        self._left = STEPS_IN_ALL
        self._laws = tuple(self.node(law) for law in laws)
        self._everything: Box = tuple(axis.full for axis in space.axes)

    def node(self, tree: Tree, *, negated: bool = False) -> Node:
        """Return a tree of conditions, or its negation, as a tree over cells."""
        if isinstance(tree, Condition):
            axis = self.space.axis(tree.feature)
            met = axis.meeting(tree)
            return InCells(self.space.index[tree.feature], axis.full ^ met if negated else met)
        if isinstance(tree, Not):
            return self.node(tree.part, negated=not negated)
        parts = [self.node(part, negated=negated) for part in tree.parts]
        return every(parts) if isinstance(tree, AllOf) is not negated else some(parts)

    def solution(self, nodes: Iterable[Node], *, within: Box | None = None) -> Box | None:
        """
        Return cells for each axis such that every value from them makes all nodes hold; None if no value does.

        `within` limits the cells of each axis from the start.

        :raises TooComplex: if there is no answer within STEPS_A_QUESTION steps.
        """
        bound = min(STEPS_A_QUESTION, self._left)
        search = _Search(bound)
        try:
            return search.solve([*nodes, *self._laws], within or self._everything)
        finally:
            self._left -= bound - search.left

    def can_hold(self, *nodes: Node) -> bool:
        """Return whether all nodes can hold for one account. :raises TooComplex: as `solution` does."""
        return self.solution(nodes) is not None

    def possible_cells(self, name: str, nodes: Sequence[Node]) -> int:
        """Return the cells of a feature for which all nodes can hold. :raises TooComplex: as `solution` does."""
        position = self.space.index[name]
        left, found = self._everything[position], 0
        while left:
            box = self.solution(nodes, within=(*self._everything[:position], left, *self._everything[position + 1 :]))
            if box is None:
                break
            found |= box[position]
            left &= ~box[position]
        return found

    def example(self, box: Box, *, names: Iterable[str]) -> dict[str, Any]:
        """
        Return facts of one account inside a box, for the named features.

        Known values are preferred to unknown ones; a feature with no value but a word that no rule names is left out.
        """
        found = {}
        for name in dict.fromkeys(names):
            position = self.space.index[name]
            cells = [c for i, c in enumerate(self.space.axes[position].cells) if box[position] >> i & 1]
            cell = min(cells, key=lambda c: (c.is_unknown, c.is_other_word))
            if not cell.is_other_word:
                found[name] = cell.sample
        return found


def every(parts: Iterable[Node]) -> Node:
    """Return the node of which all parts hold; comparisons of one axis are merged into one."""
    merged: dict[int, int] = {}
    rest: list[Node] = []
    for part in parts:
        for each in part.parts if isinstance(part, AllHold) else (part,):
            if isinstance(each, InCells):
                merged[each.axis] = merged.get(each.axis, -1) & each.cells
            else:
                rest.append(each)
    nodes: list[Node] = [*(InCells(axis, cells) for axis, cells in merged.items()), *rest]
    return nodes[0] if len(nodes) == 1 else AllHold(tuple(nodes))


def some(parts: Iterable[Node]) -> Node:
    """Return the node of which at least one part holds; comparisons of one axis are merged into one."""
    merged: dict[int, int] = {}
    rest: list[Node] = []
    for part in parts:
        for each in part.parts if isinstance(part, AnyHolds) else (part,):
            if isinstance(each, InCells):
                merged[each.axis] = merged.get(each.axis, 0) | each.cells
            else:
                rest.append(each)
    nodes: list[Node] = [*(InCells(axis, cells) for axis, cells in merged.items()), *rest]
    return nodes[0] if len(nodes) == 1 else AnyHolds(tuple(nodes))


class _Search:
    """The search for one question: narrow the axes, then try the alternatives of the shortest choice."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def solve(self, nodes: list[Node], start: Box) -> Box | None:
        box = list(start)
        choices: list[Sequence[Node]] = []
        pending = nodes
        while pending:
            if not self._narrow(box, pending, choices):
                return None
            open_choices = self._open(box, choices)
            if open_choices is None:
                return None
            choices, pending = open_choices
        if not choices:
            return tuple(box)
        first = min(choices, key=len)
        others: list[Node] = [AnyHolds(tuple(choice)) for choice in choices if choice is not first]
        for part in first:
            found = self.solve([part, *others], tuple(box))
            if found is not None:
                return found
        return None

    def _narrow(self, box: list[int], pending: list[Node], choices: list[Sequence[Node]]) -> bool:
        while pending:
            self._step()
            node = pending.pop()
            if isinstance(node, InCells):
                box[node.axis] &= node.cells
                if not box[node.axis]:
                    return False
            elif isinstance(node, AllHold):
                pending.extend(node.parts)
            else:
                choices.append(node.parts)
        return True

    def _open(self, box: list[int], choices: list[Sequence[Node]]) -> tuple[list[Sequence[Node]], list[Node]] | None:
        """
        Return the choices that are still open and the nodes that must hold; None if a choice has no alternative left.

        A choice is dropped when one alternative holds already; its last possible alternative must hold.
        """
        still_open: list[Sequence[Node]] = []
        forced: list[Node] = []
        for parts in choices:
            self._step()
            live: list[Node] = []
            for part in parts:
                if isinstance(part, InCells):
                    both = box[part.axis] & part.cells
                    if both == box[part.axis]:
                        break
                    if not both:
                        continue
                live.append(part)
            else:
                if not live:
                    return None
                if len(live) == 1:
                    forced.append(live[0])
                else:
                    still_open.append(live)
        return still_open, forced

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooComplex
