"""Where things stand in a policy: its rules by section, with their paths and their conditions over cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from cases.rules.policy.body import AllOf, Condition, Not, PolicyRules, Rule, StandingRule, Tree
from cases.rules.policy.satisfiability import Logic, Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One rule at its place. `node` is its conditions over cells."""

    index: int
    path: str
    rule: Rule | StandingRule
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The rules of one part of a policy. `context` is what holds for every account that they are asked about."""

    name: str
    places: tuple[Spot, ...]
    context: Node

    @classmethod
    def of(cls, name: str, rules: Sequence[Rule | StandingRule], logic: Logic, *, context: Node) -> "Section":
        """Return the section of a policy's rules in their order."""
        return cls(
            name=name,
            context=context,
            places=tuple(
                Spot(index=i, path=f"{name}[{i}]", rule=rule, node=logic.node(rule.when))
                for i, rule in enumerate(rules)
            ),
        )

    def place(self, index: int) -> Spot:
        """Return the rule that stands at `index` of the whole policy."""
        return next(place for place in self.places if place.index == index)

    def node(self, index: int) -> Node:
        """Return the conditions of that rule."""
        return self.place(index).node

    def negation(self, index: int, logic: Logic) -> Node:
        """Return the negation of that rule's conditions."""
        return logic.node(self.place(index).rule.when, negated=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """A policy's three parts of rules."""

    rules: Section
    rewards: Section
    restrictions: Section

    @property
    def all(self) -> tuple[Section, ...]:
        """The sections in the order of the body."""
        return (self.rules, self.rewards, self.restrictions)

    def without(self, paths: set[str]) -> "Sections":
        """Return the sections without the rules at these paths."""
        return Sections(
            **{
                section.name: replace(section, places=tuple(p for p in section.places if p.path not in paths))
                for section in self.all
            }
        )


def paths_of(policy: PolicyRules) -> Iterator[tuple[str, Condition]]:
    """Yield every comparison of a policy with its path, in the order of the body."""
    yield from leaf_paths(policy.gate, path="gate")
    for name in ("rules", "rewards", "restrictions"):
        for i, rule in enumerate(getattr(policy, name)):
            yield from leaf_paths(rule.when, path=f"{name}[{i}].when")


def leaf_paths(tree: Tree, *, path: str) -> Iterator[tuple[str, Condition]]:
    """Yield every comparison of a tree that stands at `path`, from left to right."""
    if isinstance(tree, Condition):
        yield path, tree
    elif isinstance(tree, Not):
        yield from leaf_paths(tree.part, path=f"{path}.not")
    else:
        word = "all" if isinstance(tree, AllOf) else "any"
        for i, part in enumerate(tree.parts):
            yield from leaf_paths(part, path=f"{path}.{word}[{i}]")
