"""Whether conditions can hold together: exact answers over the cells of a space, within a bounded number of steps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cases.rules.policy.body import AllOf, Condition, Not, Tree
from cases.rules.policy.value_cells import Space

# A question takes some dozen steps; a policy made to take for ever stops here.
STEPS_A_QUESTION: Final = 20_000
STEPS_IN_ALL: Final = 300_000


class TooComplex(Exception):
    """The question was given up: no answer, neither yes nor no."""


@dataclass(frozen=True, slots=True)
class Lit:
    """The value of one axis is in one of these cells."""

    axis: int
    cells: int


@dataclass(frozen=True, slots=True)
class Every:
    """All parts hold; of no parts: always."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Some:
    """At least one part holds; of no parts: never."""

    parts: tuple["Node", ...]


Node = Lit | Every | Some
Box = tuple[int, ...]
ALWAYS: Final = Every(())
NEVER: Final = Some(())


class Logic:
    """Questions about the conditions of one space. Counts its steps, so that no policy holds a page up."""

    def __init__(self, *, space: Space, laws: Sequence[Tree] = ()) -> None:
        self.space = space
        self._left = STEPS_IN_ALL
        self._laws = tuple(self.node(law) for law in laws)
        self._everything: Box = tuple(axis.full for axis in space.axes)

    def node(self, tree: Tree, *, negated: bool = False) -> Node:
        """Return a tree, or its negation, over cells."""
        if isinstance(tree, Condition):
            axis = self.space.axis(tree.feature)
            met = axis.meeting(tree)
            return Lit(self.space.index[tree.feature], axis.full ^ met if negated else met)
        if isinstance(tree, Not):
            return self.node(tree.part, negated=not negated)
        parts = [self.node(part, negated=negated) for part in tree.parts]
        return every(parts) if isinstance(tree, AllOf) is not negated else some(parts)

    def model(self, nodes: Iterable[Node], *, within: Box | None = None) -> Box | None:
        """
        Return cells of every axis, of which any choice makes all nodes hold; None if nothing does.

        :raises TooComplex: if the answer is not found within the bound.
        """
        bound = min(STEPS_A_QUESTION, self._left)
        search = _Search(bound)
        try:
            return search.solve([*nodes, *self._laws], within or self._everything)
        finally:
            self._left -= bound - search.left

    def can_hold(self, *nodes: Node) -> bool:
        """Say whether all nodes can hold for one account. :raises TooComplex: as model does."""
        return self.model(nodes) is not None

    def shadow(self, name: str, nodes: Sequence[Node]) -> int:
        """Return the cells of a feature for which all nodes can hold. :raises TooComplex: as model does."""
        place = self.space.index[name]
        left, found = self._everything[place], 0
        while left:
            box = self.model(nodes, within=(*self._everything[:place], left, *self._everything[place + 1 :]))
            if box is None:
                break
            found |= box[place]
            left &= ~box[place]
        return found

    def facts(self, box: Box, *, names: Iterable[str]) -> dict[str, Any]:
        """Return an example of facts out of a box, known ones where possible; words that no rule names are left out."""
        example = {}
        for name in dict.fromkeys(names):
            place = self.space.index[name]
            cells = [c for i, c in enumerate(self.space.axes[place].cells) if box[place] >> i & 1]
            cell = min(cells, key=lambda c: (c.is_unknown, c.is_other_word))
            if not cell.is_other_word:
                example[name] = cell.sample
        return example


def every(parts: Iterable[Node]) -> Node:
    """Return that all parts hold, with the comparisons of one axis drawn together."""
    merged: dict[int, int] = {}
    rest: list[Node] = []
    for part in parts:
        for each in part.parts if isinstance(part, Every) else (part,):
            if isinstance(each, Lit):
                merged[each.axis] = merged.get(each.axis, -1) & each.cells
            else:
                rest.append(each)
    nodes: list[Node] = [*(Lit(axis, cells) for axis, cells in merged.items()), *rest]
    return nodes[0] if len(nodes) == 1 else Every(tuple(nodes))


def some(parts: Iterable[Node]) -> Node:
    """Return that at least one part holds, with the comparisons of one axis drawn together."""
    merged: dict[int, int] = {}
    rest: list[Node] = []
    for part in parts:
        for each in part.parts if isinstance(part, Some) else (part,):
            if isinstance(each, Lit):
                merged[each.axis] = merged.get(each.axis, 0) | each.cells
            else:
                rest.append(each)
    nodes: list[Node] = [*(Lit(axis, cells) for axis, cells in merged.items()), *rest]
    return nodes[0] if len(nodes) == 1 else Some(tuple(nodes))


class _Search:
    """One question: narrow the axes down, then try the alternatives of the shortest choice."""

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
        others: list[Node] = [Some(tuple(choice)) for choice in choices if choice is not first]
        for part in first:
            found = self.solve([part, *others], tuple(box))
            if found is not None:
                return found
        return None

    def _narrow(self, box: list[int], pending: list[Node], choices: list[Sequence[Node]]) -> bool:
        while pending:
            self._step()
            node = pending.pop()
            if isinstance(node, Lit):
                box[node.axis] &= node.cells
                if not box[node.axis]:
                    return False
            elif isinstance(node, Every):
                pending.extend(node.parts)
            else:
                choices.append(node.parts)
        return True

    def _open(self, box: list[int], choices: list[Sequence[Node]]) -> tuple[list[Sequence[Node]], list[Node]] | None:
        """Drop the choices that are made and the alternatives that are lost; one alternative left is no choice."""
        still_open: list[Sequence[Node]] = []
        forced: list[Node] = []
        for parts in choices:
            self._step()
            live: list[Node] = []
            for part in parts:
                if isinstance(part, Lit):
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
