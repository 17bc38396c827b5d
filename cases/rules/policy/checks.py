"""
Static checks of a policy, before anybody's account is judged by it.

What is said of a rule is proved over everything that an account's facts can be (policy_space.py, policy_logic.py); a
question too hard to answer is said to be that, and nothing else. Thresholds of amounts, shares and percentages are
taken as points of a line without gaps: that nothing lies between 100.00 and 100.01 is not noticed.
"""

from collections.abc import Callable, Iterator
from typing import Final

from django.utils.translation import gettext as _

from cases.rules.policy.body import AllOf, Condition, PolicyRules, Rule, StandingRule, Tree, features_of
from cases.rules.policy.findings import Finding, FindingKind, Severity, example_text, named, sorted_findings
from cases.rules.policy.gaps_and_overlaps import bands
from cases.rules.policy.placed_rules import Section, Sections, paths_of
from cases.rules.policy.redundant_conditions import redundancies
from cases.rules.policy.satisfiability import ALWAYS, Logic, TooComplex
from cases.rules.policy.value_cells import KNOWN_WORDS, laws_of, space_of

# Whatever a restriction says, it does not touch who is protected or keeps a plan (services/standing.py).
SPARED: Final = AllOf(
    parts=(
        Condition(feature="protected_flags", op="eq", value=0),
        Condition(feature="on_active_plan", op="is", value=False),
    )
)


def check_policy(policy: PolicyRules, *, segment: str = "") -> tuple[Finding, ...]:
    """
    Return what is wrong, doubtful or worth knowing about a policy, gravest first, in the reader's language.

    With `segment` every account is of that segment. Within a bounded number of steps, whatever the policy is.
    """
    trees: list[Tree] = [policy.gate, SPARED, *(rule.when for rule in policy.rules)]
    trees += [rule.when for rule in (*policy.rewards, *policy.restrictions)]
    laws = laws_of(trees)
    logic = Logic(space=space_of(trees=[*trees, *laws], policy=policy, segment=segment), laws=laws)
    sections = _sections(policy, logic)
    found: list[Finding] = []
    given_up: dict[str, None] = {}

    def ask(path: str, question: Callable[[], Iterator[Finding]]) -> None:
        try:
            found.extend(question())
        except TooComplex:
            given_up[path] = None

    ask("gate", lambda: _words(policy))
    ask("gate", lambda: _gate(policy, logic))
    # What never fires says nothing else: not a word about its conditions, nor about what it would shadow.
    dead = {path for finding in found for path in finding.paths if finding.kind == FindingKind.NEVER_FIRES}
    if "gate" not in dead:
        for section in sections.all:
            for place in section.places:
                ask(place.path, lambda section=section, place=place: _firing(section, place.index, logic))  # type: ignore[misc]
        dead = {finding.paths[0] for finding in found if finding.kind == FindingKind.NEVER_FIRES}
        live = sections.without(dead)
        everyone = {finding.paths[0] for finding in found if finding.kind == FindingKind.ALWAYS_HOLDS}
        for section in live.without(everyone).all:
            for place in section.places:
                ask(place.path, lambda section=section, place=place: redundancies(section, place, logic, policy))  # type: ignore[misc]
        ask("rules", lambda: _repeated(live.rules, logic))
        for name, section in (("rewards", live.rewards), ("restrictions", live.restrictions)):
            ask(name, lambda section=section: _shadowed(section, logic))  # type: ignore[misc]
        ask("rewards", lambda: _contradictions(live, logic, policy))
        for section in live.all:
            ask(section.name, lambda section=section: bands(section, logic, policy))  # type: ignore[misc]
    found += [
        Finding(
            kind=FindingKind.TOO_COMPLEX,
            severity=Severity.NOTE,
            paths=(path,),
            message=_("These conditions are too complex to be checked: what is not said here was not ruled out."),
        )
        for path in given_up
    ]
    return sorted_findings(found)


def _sections(policy: PolicyRules, logic: Logic) -> Sections:
    gate, spared = logic.node(policy.gate), logic.node(SPARED)
    return Sections(
        rules=Section.of("rules", policy.rules, logic, context=gate),
        rewards=Section.of("rewards", policy.rewards, logic, context=ALWAYS),
        restrictions=Section.of("restrictions", policy.restrictions, logic, context=spared),
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


def _gate(policy: PolicyRules, logic: Logic) -> Iterator[Finding]:
    gate = logic.node(policy.gate)
    if not logic.can_hold(gate):
        yield Finding(
            kind=FindingKind.NEVER_FIRES,
            severity=Severity.ERROR,
            paths=("gate",),
            message=_("No account can pass the gate: its conditions exclude each other."),
        )
    elif not logic.can_hold(logic.node(policy.gate, negated=True)):
        yield Finding(
            kind=FindingKind.ALWAYS_HOLDS,
            severity=Severity.WARNING,
            paths=("gate",),
            message=_("Every account passes the gate."),
        )


def _firing(section: Section, index: int, logic: Logic) -> Iterator[Finding]:
    place = section.place(index)
    if not logic.can_hold(section.context, place.node):
        itself = not logic.can_hold(place.node)
        if itself:
            message = _("This rule can never hold: its conditions exclude each other.")
        elif section.name == "rules":
            message = _("This rule can never hold: the gate keeps out every account that it asks for.")
        else:
            message = _(
                "This rule can never hold: nothing is taken from who is protected or keeps a repayment plan, and it asks for them."
            )
        yield Finding(
            kind=FindingKind.NEVER_FIRES,
            severity=Severity.ERROR,
            codes=(place.rule.code,),
            message=message,
            paths=(place.path, *_clash(section, index, logic)),
        )
    elif not logic.can_hold(section.context, logic.node(place.rule.when, negated=True)):
        message = (
            _("This rule holds for every account that passes the gate.")
            if section.name == "rules"
            else _("This rule holds for every account.")
        )
        yield Finding(
            kind=FindingKind.ALWAYS_HOLDS,
            severity=Severity.WARNING,
            paths=(place.path,),
            codes=(place.rule.code,),
            message=message,
        )


def _clash(section: Section, index: int, logic: Logic) -> tuple[str, ...]:
    """Return the paths of conditions of the rule that suffice to make it impossible."""
    place = section.place(index)
    when = place.rule.when
    if not isinstance(when, AllOf):
        return ()
    kept = dict(enumerate(logic.node(part) for part in when.parts))
    for i in list(kept):
        if not logic.can_hold(section.context, *(node for k, node in kept.items() if k != i)):
            del kept[i]
    return tuple(f"{place.path}.when.all[{i}]" for i in kept)


def _repeated(section: Section, logic: Logic) -> Iterator[Finding]:
    """Rules for visits of which one holds whenever another does, and is at least as urgent."""

    def leads_to(one: int, other: int) -> bool:
        return not logic.can_hold(section.context, section.node(one), section.negation(other, logic))

    for i, place in enumerate(section.places):
        for k in range(i + 1, len(section.places)):
            later = section.places[k]
            forth, back = leads_to(place.index, later.index), leads_to(later.index, place.index)
            if forth and back:
                yield Finding(
                    kind=FindingKind.DUPLICATE,
                    severity=Severity.WARNING,
                    paths=(later.path, place.path),
                    codes=(later.rule.code, place.rule.code),
                    message=_("{later} holds for exactly the same accounts as {earlier}.").format(
                        later=later.rule.code, earlier=place.rule.code
                    ),
                )
            elif forth or back:
                narrow, wide = (place, later) if forth else (later, place)
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


def _shadowed(section: Section, logic: Logic) -> Iterator[Finding]:
    """Rewards or restrictions before which another of the same kind always comes."""
    for i, place in enumerate(section.places):
        earlier = [
            e
            for e in section.places[:i]
            if isinstance(e.rule, StandingRule)
            and isinstance(place.rule, StandingRule)
            and e.rule.effect.kind == place.rule.effect.kind
        ]
        if not earlier or logic.can_hold(
            section.context, place.node, *(section.negation(e.index, logic) for e in earlier)
        ):
            continue
        alone = next(
            (e for e in earlier if not logic.can_hold(section.context, place.node, section.negation(e.index, logic))),
            None,
        )
        by = [alone] if alone is not None else earlier
        yield Finding(
            kind=FindingKind.SHADOWED,
            severity=Severity.WARNING,
            paths=(place.path, *(e.path for e in by)),
            codes=(place.rule.code, *(e.rule.code for e in by)),
            message=_("{later} never gets its turn: whenever it holds, {earlier} holds too and comes first.").format(
                later=place.rule.code, earlier=named([e.rule.code for e in by])
            ),
        )


def _contradictions(sections: Sections, logic: Logic, policy: PolicyRules) -> Iterator[Finding]:
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
        for reward in sections.rewards.places:
            for other in section.places:
                box = logic.model([section.context, reward.node, other.node])
                if box is None:
                    continue
                asked: list[Tree] = [reward.rule.when, other.rule.when]
                if section.name == "rules":
                    asked.append(policy.gate)
                example = logic.facts(box, names=[name for tree in asked for name in features_of(tree)])
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
