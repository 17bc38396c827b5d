"""The difference between two policies: settings, gate, and each rule with its conditions, effect and position."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.rules.policy.body import Effect, PolicyRules, ProposalRow, Rule, StandingRule
from cases.rules.policy.diff_lines import Line, Mark, condition_lines, settings_lines
from cases.rules.policy.proposal_table import HOUSE_ROWS
from cases.rules.policy.rule_sentences import effect_text, result_text
from cases.rules.policy.sentences import value_text
from cases.rules.reasons import REASONS, WAYS_BACK

# Rows of proposals are compared as they decide: a version without any decides by the house's.
SECTIONS: Final = ("rules", "rewards", "restrictions", "proposals")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleDiff:
    """
    One rule before and after. `head` holds title, priority, visit and effect; `conditions` the parts that must hold.

    A rule that moved and changed is CHANGED; `is_moved` tells that its position among the rules of both sides changed.
    """

    mark: Mark
    section: str
    code: str
    old_path: str
    new_path: str
    is_moved: bool
    head: tuple[Line, ...]
    conditions: tuple[Line, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyDiff:
    """The whole difference, including lines and rules that are the same, for a page that shows both sides."""

    settings: tuple[Line, ...]
    gate: tuple[Line, ...]
    rules: tuple[RuleDiff, ...]

    @property
    def is_empty(self) -> bool:
        """Return whether nothing changed."""
        marks = [line.mark for line in (*self.settings, *self.gate)] + [rule.mark for rule in self.rules]
        return all(mark == Mark.SAME for mark in marks)

    def counts(self) -> dict[str, int]:
        """Return how many rules were added, removed, changed and moved."""
        return {str(mark): sum(rule.mark == mark for rule in self.rules) for mark in Mark if mark != Mark.SAME}


def diff_policies(*, old: PolicyRules, new: PolicyRules) -> PolicyDiff:
    """Return what changed from `old` to `new`; texts are in the reader's language, amounts in each policy's currency."""
    return PolicyDiff(
        settings=tuple(settings_lines(old, new)),
        gate=tuple(condition_lines(old.gate, new.gate, "gate", "gate", old, new)),
        rules=tuple(diff for section in SECTIONS for diff in _section(section, old, new)),
    )


def _section(name: str, old: PolicyRules, new: PolicyRules) -> Iterator[RuleDiff]:
    before: dict[str, tuple[int, Any]] = {rule.code: (i, rule) for i, rule in enumerate(_rules(old, name))}
    after: dict[str, tuple[int, Any]] = {rule.code: (i, rule) for i, rule in enumerate(_rules(new, name))}
    kept = [[code for code in side if code in before and code in after] for side in (before, after)]
    unmoved = {
        kept[0][block.a + i]
        for block in SequenceMatcher(a=kept[0], b=kept[1], autojunk=False).get_matching_blocks()
        for i in range(block.size)
    }
    # In the new order; a removed rule is listed at its old position.
    codes = list(after)
    for code, (i, _rule) in before.items():
        if code not in after:
            codes.insert(min(i, len(codes)), code)
    for code in codes:
        old_path = f"{name}[{before[code][0]}]" if code in before else ""
        new_path = f"{name}[{after[code][0]}]" if code in after else ""
        one = before[code][1] if code in before else None
        other = after[code][1] if code in after else None
        head = tuple(_head(one, other, old_path, new_path, old, new))
        conditions = tuple(
            condition_lines(one and one.when, other and other.when, f"{old_path}.when", f"{new_path}.when", old, new)
        )
        is_moved = one is not None and other is not None and code not in unmoved
        is_same = all(line.mark == Mark.SAME for line in (*head, *conditions))
        if one is None or other is None:
            mark = Mark.ADDED if one is None else Mark.REMOVED
        else:
            mark = Mark.CHANGED if not is_same else Mark.MOVED if is_moved else Mark.SAME
        yield RuleDiff(
            mark=mark,
            section=name,
            code=code,
            old_path=old_path,
            new_path=new_path,
            is_moved=is_moved,
            head=head,
            conditions=conditions,
        )


def _rules(policy: PolicyRules, section: str) -> tuple[Any, ...]:
    found: tuple[Any, ...] = getattr(policy, section)
    return found or (HOUSE_ROWS if section == "proposals" else ())


def _head(
    one: Rule | StandingRule | ProposalRow | None,
    other: Rule | StandingRule | ProposalRow | None,
    old_path: str,
    new_path: str,
    old: PolicyRules,
    new: PolicyRules,
) -> Iterator[Line]:
    before, after = _heads(one, old), _heads(other, new)
    for key in {**before, **after}:
        (label, value, text), (_l, value2, text2) = (
            before.get(key) or (after[key][0], None, ""),
            after.get(key) or (before[key][0], None, ""),
        )
        if value is None or value2 is None:
            mark = Mark.SAME if value == value2 else Mark.ADDED if value is None else Mark.REMOVED
        else:
            mark = Mark.SAME if (value, text) == (value2, text2) else Mark.CHANGED
        yield Line(
            mark=mark,
            label=label,
            old=text,
            new=text2,
            old_path=f"{old_path}.{key}" if value is not None else "",
            new_path=f"{new_path}.{key}" if value2 is not None else "",
        )


def _heads(rule: Rule | StandingRule | ProposalRow | None, policy: PolicyRules) -> dict[str, tuple[str, Any, str]]:
    """Return the parts of a rule other than its conditions, by path in the rule: label, value and text."""
    if rule is None:
        return {}
    said: dict[str, tuple[str, Any, str]] = {
        "title.en": (_("Title in English"), rule.title.en, rule.title.en),
        "title.zh": (_("Title in Chinese"), rule.title.zh, rule.title.zh),
    }
    if isinstance(rule, Rule):
        visit = value_text("has_open_case", rule.needs_visit, currency="")
        said["priority"] = (_("Priority"), rule.priority, str(rule.priority))
        said["needs_visit"] = (_("Needs a visit"), rule.needs_visit, visit)
    elif isinstance(rule, ProposalRow):
        reasons = " ".join(str(REASONS[code]) for code in rule.reasons)
        ways = " ".join(str(WAYS_BACK[each.way_back]) for each in rule.decisions if each.way_back)
        said["result"] = (_("Result"), (rule.decisions, rule.next_step), result_text(rule))
        said["result.reasons"] = (_("Reasons"), rule.reasons, reasons)
        if ways:
            said["result.way_back"] = (_("Way back"), ways, ways)
    else:
        effect: Effect = rule.effect
        said["effect"] = (_("Effect"), effect, effect_text(effect, currency=policy.currency))
    return said
