"""The rules of a policy by section, each with its path in the body and its conditions as a tree over cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from cases.rules.policy.body import AllOf, Condition, Not, PolicyRules, Rule, StandingRule, Tree
from cases.rules.policy.satisfiability import Node, Solver

# The parts of a body that are lists of rules, in its order.
SECTIONS: Final = ("rules", "rewards", "restrictions", "proposals")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRule:
    """One rule with its index in its section and its path, such as rules[2]. `node` is its conditions over cells."""

    index: int
    path: str
    rule: Rule | StandingRule
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The rules of one part of a policy. `context` holds for every account that these rules judge."""

    name: str
    placed: tuple[PlacedRule, ...]
    context: Node

    @classmethod
    def of(cls, name: str, rules: Sequence[Rule | StandingRule], solver: Solver, *, context: Node) -> "Section":
        """Return the section `name` with these rules in their order."""
        return cls(
            name=name,
            context=context,
            placed=tuple(
                PlacedRule(index=i, path=f"{name}[{i}]", rule=rule, node=solver.node(rule.when))
                for i, rule in enumerate(rules)
            ),
        )

    def rule_at(self, index: int) -> PlacedRule:
        """Return the rule with this index in the body. :raises StopIteration: if it was left out by `without`."""
        return next(each for each in self.placed if each.index == index)

    def node(self, index: int) -> Node:
        """Return the conditions of that rule."""
        return self.rule_at(index).node

    def negation(self, index: int, solver: Solver) -> Node:
        """Return the negation of that rule's conditions."""
        return solver.node(self.rule_at(index).rule.when, negated=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The three sections of a policy: visit rules, rewards and restrictions."""

    rules: Section
    rewards: Section
    restrictions: Section

    @property
    def all(self) -> tuple[Section, ...]:
        """Return the sections in the order of the body."""
        return (self.rules, self.rewards, self.restrictions)

    def without(self, paths: set[str]) -> "Sections":
        """Return the sections without the rules at these paths."""
        return Sections(
            **{
                section.name: replace(section, placed=tuple(p for p in section.placed if p.path not in paths))
                for section in self.all
            }
        )


def paths_of(policy: PolicyRules) -> Iterator[tuple[str, Condition]]:
    """Yield every comparison of a policy with its path, in the order of the body."""
    yield from leaf_paths(policy.gate, path="gate")
    for name in SECTIONS:
        for i, rule in enumerate(getattr(policy, name)):
            yield from leaf_paths(rule.when, path=f"{name}[{i}].when")


def leaf_paths(tree: Tree, *, path: str) -> Iterator[tuple[str, Condition]]:
    """Yield every comparison of the tree at `path` with its own path, from left to right."""
    if isinstance(tree, Condition):
        yield path, tree
    elif isinstance(tree, Not):
        yield from leaf_paths(tree.part, path=f"{path}.not")
    else:
        word = "all" if isinstance(tree, AllOf) else "any"
        for i, part in enumerate(tree.parts):
            yield from leaf_paths(part, path=f"{path}.{word}[{i}]")
