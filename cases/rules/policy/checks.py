"""
Static checks of a policy, before it judges any account.

Every finding is proved over all possible facts of an account (value_cells.py, satisfiability.py). A question that takes
too many steps is reported as too complex. Amounts, shares and percentages count as continuous: the checks do not notice
that no amount lies between 100.00 and 100.01.
"""

from collections.abc import Callable, Iterator
from typing import Final

from django.utils.translation import gettext as _

from cases.rules.policy.body import AllOf, Condition, PolicyRules, Rule, StandingRule, Tree, features_of
from cases.rules.policy.findings import Finding, FindingKind, Severity, example_text, named, sorted_findings
from cases.rules.policy.gaps_and_overlaps import gaps_and_overlaps
from cases.rules.policy.placed_rules import Section, Sections, paths_of
from cases.rules.policy.proposal_checks import check_proposals
from cases.rules.policy.redundant_conditions import redundancies
from cases.rules.policy.satisfiability import ALWAYS, Solver, TooComplex
from cases.rules.policy.value_cells import KNOWN_WORDS, laws_of, space_of

# No restriction applies to a protected borrower or a kept plan (services/evaluation/standing.py).
SPARED: Final = AllOf(
    parts=(
        Condition(feature="protected_flags", op="eq", value=0),
        Condition(feature="on_active_plan", op="is", value=False),
    )
)


def check_policy(policy: PolicyRules, *, segment: str = "") -> tuple[Finding, ...]:
    """
    Return the errors, warnings and notes about a policy, most severe first, in the reader's language.

    With `segment` every account belongs to that segment. The number of steps is bounded for any policy.
    """
    trees: list[Tree] = [policy.gate, SPARED, *(rule.when for rule in policy.rules)]
    trees += [rule.when for rule in (*policy.rewards, *policy.restrictions)]
    laws = laws_of(trees)
    solver = Solver(space=space_of(trees=[*trees, *laws], policy=policy, segment=segment), laws=laws)
    sections = _sections(policy, solver)
    found: list[Finding] = []
    given_up: dict[str, None] = {}

    def ask(path: str, question: Callable[[], Iterator[Finding]]) -> None:
        try:
            found.extend(question())
        except TooComplex:
            given_up[path] = None

    ask("gate", lambda: _words(policy))
    ask("rewards", lambda: _rights(policy))
    ask("proposals", lambda: check_proposals(policy))
    ask("gate", lambda: _gate(policy, solver))
    # A rule that can never hold gets no further finding.
    dead = {path for finding in found for path in finding.paths if finding.kind == FindingKind.NEVER_FIRES}
    if "gate" not in dead:
        for section in sections.all:
            for placed in section.placed:
                ask(placed.path, lambda section=section, placed=placed: _firing(section, placed.index, solver))  # type: ignore[misc]
        dead = {finding.paths[0] for finding in found if finding.kind == FindingKind.NEVER_FIRES}
        live = sections.without(dead)
        everyone = {finding.paths[0] for finding in found if finding.kind == FindingKind.ALWAYS_HOLDS}
        for section in live.without(everyone).all:
            for placed in section.placed:
                ask(placed.path, lambda section=section, placed=placed: redundancies(section, placed, solver, policy))  # type: ignore[misc]
        ask("rules", lambda: _repeated(live.rules, solver))
        for name, section in (("rewards", live.rewards), ("restrictions", live.restrictions)):
            ask(name, lambda section=section: _shadowed(section, solver))  # type: ignore[misc]
        ask("rewards", lambda: _contradictions(live, solver, policy))
        for section in live.all:
            ask(section.name, lambda section=section: gaps_and_overlaps(section, solver, policy))  # type: ignore[misc]
    found += [
        Finding(
            kind=FindingKind.TOO_COMPLEX,
            severity=Severity.NOTE,
            paths=(path,),
            message=_(
                "These conditions are too complex to be checked completely: they may have faults that are not listed."
            ),
        )
        for path in given_up
    ]
    return sorted_findings(found)


def _sections(policy: PolicyRules, solver: Solver) -> Sections:
    gate, spared = solver.node(policy.gate), solver.node(SPARED)
    return Sections(
        rules=Section.of("rules", policy.rules, solver, context=gate),
        rewards=Section.of("rewards", policy.rewards, solver, context=ALWAYS),
        restrictions=Section.of("restrictions", policy.restrictions, solver, context=spared),
    )


def _words(policy: PolicyRules) -> Iterator[Finding]:
    for path, leaf in paths_of(policy):
        known = {**KNOWN_WORDS, "currency": tuple(sorted(policy.rates))}.get(leaf.feature)
        if known is None:
            continue
        values = leaf.value if isinstance(leaf.value, tuple) else (str(leaf.value),)
        for word in values:
            if word not in known:
                yield Finding(
                    kind=FindingKind.UNKNOWN_WORD,
                    severity=Severity.ERROR,
                    paths=(path,),
                    message=_("There is no such value: {word}. There are: {known}.").format(
                        word=word, known=named(known)
                    ),
                )


def _rights(policy: PolicyRules) -> Iterator[Finding]:
    """Yield a finding for each reward that asks whether circumstances are open. Versions from before may still do."""
    for path, leaf in paths_of(policy):
        if path.startswith("rewards") and leaf.feature == "protected_flags":
            yield Finding(
                kind=FindingKind.RIGHT_COSTS_REWARD,
                severity=Severity.ERROR,
                paths=(path,),
                message=_(
                    "A reward rests on payments: hardship, a complaint, a dispute, a representative or a declined visit costs nobody a reward. Take this condition out."
                ),
            )


def _gate(policy: PolicyRules, solver: Solver) -> Iterator[Finding]:
    gate = solver.node(policy.gate)
    if not solver.can_hold(gate):
        yield Finding(
            kind=FindingKind.NEVER_FIRES,
            severity=Severity.ERROR,
            paths=("gate",),
            message=_("No account can pass the gate: its conditions exclude each other."),
        )
    elif not solver.can_hold(solver.node(policy.gate, negated=True)):
        yield Finding(
            kind=FindingKind.ALWAYS_HOLDS,
            severity=Severity.WARNING,
            paths=("gate",),
            message=_("Every account passes the gate."),
        )


def _firing(section: Section, index: int, solver: Solver) -> Iterator[Finding]:
    placed = section.rule_at(index)
    if not solver.can_hold(section.context, placed.node):
        itself = not solver.can_hold(placed.node)
        if itself:
            message = _("This rule can never hold: its conditions exclude each other.")
        elif section.name == "rules":
            message = _("This rule can never hold: the gate keeps out every account that it asks for.")
        else:
            message = _(
                "This rule can never hold: it asks for protected borrowers or kept repayment plans, which no restriction may touch."
            )
        yield Finding(
            kind=FindingKind.NEVER_FIRES,
            severity=Severity.ERROR,
            codes=(placed.rule.code,),
            message=message,
            paths=(placed.path, *_clash(section, index, solver)),
        )
    elif not solver.can_hold(section.context, solver.node(placed.rule.when, negated=True)):
        message = (
            _("This rule holds for every account that passes the gate.")
            if section.name == "rules"
            else _("This rule holds for every account.")
        )
        yield Finding(
            kind=FindingKind.ALWAYS_HOLDS,
            severity=Severity.WARNING,
            paths=(placed.path,),
            codes=(placed.rule.code,),
            message=message,
        )


def _clash(section: Section, index: int, solver: Solver) -> tuple[str, ...]:
    """Return the paths of a minimal set of conditions of the rule that exclude each other."""
    placed = section.rule_at(index)
    when = placed.rule.when
    if not isinstance(when, AllOf):
        return ()
    kept = dict(enumerate(solver.node(part) for part in when.parts))
    for i in list(kept):
        if not solver.can_hold(section.context, *(node for k, node in kept.items() if k != i)):
            del kept[i]
    return tuple(f"{placed.path}.when.all[{i}]" for i in kept)


def _repeated(section: Section, solver: Solver) -> Iterator[Finding]:
    """Yield a finding for each pair of visit rules of which one holds whenever the other does."""

    def leads_to(one: int, other: int) -> bool:
        return not solver.can_hold(section.context, section.node(one), section.negation(other, solver))

    for i, placed in enumerate(section.placed):
        for k in range(i + 1, len(section.placed)):
            later = section.placed[k]
            forth, back = leads_to(placed.index, later.index), leads_to(later.index, placed.index)
            if forth and back:
                yield Finding(
                    kind=FindingKind.DUPLICATE,
                    severity=Severity.WARNING,
                    paths=(later.path, placed.path),
                    codes=(later.rule.code, placed.rule.code),
                    message=_("{later} holds for exactly the same accounts as {earlier}.").format(
                        later=later.rule.code, earlier=placed.rule.code
                    ),
                )
            elif forth or back:
                narrow, wide = (placed, later) if forth else (later, placed)
                if _adds_nothing(narrow.rule, wide.rule):
                    yield Finding(
                        kind=FindingKind.COVERED,
                        severity=Severity.NOTE,
                        paths=(narrow.path, wide.path),
                        codes=(narrow.rule.code, wide.rule.code),
                        message=_(
                            "Whenever {narrow} holds {wide} holds too and is no less urgent: {narrow} adds its name only."
                        ).format(narrow=narrow.rule.code, wide=wide.rule.code),
                    )


def _adds_nothing(narrow: Rule | StandingRule, wide: Rule | StandingRule) -> bool:
    if not isinstance(narrow, Rule) or not isinstance(wide, Rule):
        return False
    return wide.priority <= narrow.priority and (wide.needs_visit or not narrow.needs_visit)


def _shadowed(section: Section, solver: Solver) -> Iterator[Finding]:
    """Yield a finding for each reward or restriction that never counts, because an earlier one of its kind always holds."""
    for i, placed in enumerate(section.placed):
        earlier = [
            e
            for e in section.placed[:i]
            if isinstance(e.rule, StandingRule)
            and isinstance(placed.rule, StandingRule)
            and e.rule.effect.kind == placed.rule.effect.kind
        ]
        if not earlier or solver.can_hold(
            section.context, placed.node, *(section.negation(e.index, solver) for e in earlier)
        ):
            continue
        alone = next(
            (
                e
                for e in earlier
                if not solver.can_hold(section.context, placed.node, section.negation(e.index, solver))
            ),
            None,
        )
        by = [alone] if alone is not None else earlier
        yield Finding(
            kind=FindingKind.SHADOWED,
            severity=Severity.WARNING,
            paths=(placed.path, *(e.path for e in by)),
            codes=(placed.rule.code, *(e.rule.code for e in by)),
            message=_("{later} never counts: whenever it holds, {earlier} holds too and comes first.").format(
                later=placed.rule.code, earlier=named([e.rule.code for e in by])
            ),
        )


def _contradictions(sections: Sections, solver: Solver, policy: PolicyRules) -> Iterator[Finding]:
    pairs: list[tuple[Section, Severity, str]] = [
        (
            sections.restrictions,
            Severity.WARNING,
            _("One account can be rewarded by {one} and restricted by {other}: {example}."),
        ),
        (
            sections.rules,
            Severity.NOTE,
            _("One account can be rewarded by {one} while {other} opens a case: {example}."),
        ),
    ]
    for section, severity, message in pairs:
        for reward in sections.rewards.placed:
            for other in section.placed:
                box = solver.solution([section.context, reward.node, other.node])
                if box is None:
                    continue
                asked: list[Tree] = [reward.rule.when, other.rule.when]
                if section.name == "rules":
                    asked.append(policy.gate)
                example = solver.example(box, names=[name for tree in asked for name in features_of(tree)])
                yield Finding(
                    kind=FindingKind.CONTRADICTION,
                    severity=severity,
                    paths=(other.path, reward.path),
                    codes=(other.rule.code, reward.rule.code),
                    example=example,
                    message=message.format(
                        one=reward.rule.code, other=other.rule.code, example=example_text(example, policy=policy)
                    ),
                )
