"""Checks of the table of proposals: nothing is taken but on firm facts, and every combination has a result."""

from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import ADVERSE_KINDS, SECTION_VERDICTS
from cases.rules.decisions import AccountView, propose
from cases.rules.policy.findings import Finding, Severity
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.proposal_checks import check_proposals, takes
from cases.rules.policy.proposal_table import table_of
from cases.rules.verification import Established, SectionFact
from tests.factories.policy import policy_body
from tests.factories.proposals import FIRM, TAKEN, asked, rest, row, taking

ACCOUNT = AccountView(
    days_past_due=95,
    arrears_amount=Decimal(32000),
    outstanding_principal=Decimal(40000),
    annual_rate=Decimal("0.18"),
    credit_limit=Decimal(60000),
)
SURE = [*FIRM]


def found(*rows: dict[str, Any]) -> list[Finding]:
    with override("en"):
        return list(check_proposals(parse_policy(policy_body(proposals=list(rows)))))


def errors(*rows: dict[str, Any]) -> list[tuple[str, tuple[str, ...]]]:
    return [(str(each.kind), each.paths) for each in found(*rows) if each.severity == Severity.ERROR]


def test_the_shipped_table_has_no_finding() -> None:
    assert list(check_proposals(parse_policy(policy_body()))) == []


def test_a_policy_without_a_table_has_no_finding() -> None:
    body = policy_body()
    del body["proposals"]

    assert list(check_proposals(parse_policy(body))) == []


def test_a_restriction_on_firm_facts_is_accepted() -> None:
    assert found(taking(), rest()) == []
    assert found(taking(kind="LEGAL"), rest()) == []
    assert found(taking(kind="LIMIT_CUT"), rest()) == []


@pytest.mark.parametrize("left_out", range(len(FIRM)))
@pytest.mark.parametrize("kind", ADVERSE_KINDS)
def test_a_restriction_needs_each_firm_fact(left_out: int, kind: str) -> None:
    when = [each for i, each in enumerate(FIRM) if i != left_out]

    kinds = {kind for kind, _paths in errors(taking("TAKES", *when, kind=kind), rest())}

    assert kinds == {"beyond_ceiling"}


def test_a_restriction_may_leave_out_what_an_earlier_row_takes_away() -> None:
    hardship = row("HARD", asked("hardship_told", True))
    when = [each for each in FIRM if each["feature"] != "hardship_told"]

    assert found(hardship, taking("TAKES", *when), rest()) == []


@pytest.mark.parametrize(
    "other", [{"any": SURE}, {"not": {"all": SURE}}, {"any": [{"all": SURE}, asked("cause", "WILFUL")]}]
)
def test_a_restriction_cannot_hide_a_weaker_alternative(other: dict[str, Any]) -> None:
    assert {kind for kind, _paths in errors(taking("TAKES", other), rest())} == {"beyond_ceiling"}


def test_the_finding_names_what_is_possible() -> None:
    when = [each for each in FIRM if each["feature"] != "cause_certainty"]

    messages = [each.message for each in found(taking("TAKES", *when), rest())]

    assert messages == [
        "Freeze the limit may not follow while this is possible: How sure the cause is exactly Likely. Ask for the contrary in this row.",
        "Freeze the limit may not follow while this is possible: How sure the cause is exactly Weak. Ask for the contrary in this row.",
    ]


@pytest.mark.parametrize(
    "neutral",
    [
        asked("cooperative", False),
        asked("right_party_met", False),
        asked("not_reached", True),
        asked("address_failed", True),
        asked("residence", "REFUTED"),
        asked("residence_certainty", "FIRM"),
        asked("residence_confidence", "0.5", "gte"),
        {"not": asked("cooperative", True)},
    ],
)
def test_a_neutral_fact_never_decides_whether_something_is_taken(neutral: dict[str, Any]) -> None:
    in_the_row = errors(taking("TAKES", *FIRM, neutral), rest())
    before_it = errors(row("HELPS", neutral), taking(), rest())
    below_it = errors(taking(), row("HELPS", neutral), rest())

    assert [kind for kind, _paths in in_the_row] == ["right_costs_something"]
    assert [(kind, paths[1]) for kind, paths in before_it] == [("right_costs_something", "proposals[1]")]
    assert below_it == []


def test_the_reasons_of_a_restriction_name_both_findings() -> None:
    silent = taking(reasons=["ABLE_WITH_EVIDENCE"])
    hinting = row("HELPS", reasons=[TAKEN[1]], decisions=[{"kind": "GRACE", "days": 7}])
    hinting["when"] = asked("capacity", "UNABLE")

    assert errors(silent, rest()) == [("reason_missing", ("proposals[0].result.reasons",))]
    assert errors(hinting, rest()) == [("reason_missing", ("proposals[0].result.reasons",))]


def test_a_row_does_not_help_and_take_at_once() -> None:
    both = taking()
    both["result"]["decisions"].append({"kind": "GRACE", "days": 7})

    assert errors(both, rest()) == [("contradiction", ("proposals[0].result.decisions",))]


def test_a_table_without_a_last_row_for_everything_is_an_error_with_an_example() -> None:
    table = [row("ABLE", asked("capacity", "ABLE")), row("UNABLE", asked("capacity", "UNABLE", "ne"))]

    (finding,) = found(*table)

    assert (finding.kind, finding.severity, finding.paths) == ("no_result", "error", ("proposals[1]",))
    assert finding.example == {"capacity": "UNABLE"}
    assert found(*table, rest()) == []
    # Without a row for everything, but complete all the same.
    assert found(*table, row("LAST", asked("capacity", "UNABLE"))) == []


def test_a_row_that_nothing_reaches_is_a_warning() -> None:
    narrow = row("NARROW", asked("capacity", "ABLE"), asked("cooperative", True))

    (finding,) = found(row("WIDE", asked("capacity", "ABLE")), narrow, rest())

    assert (finding.kind, finding.severity, finding.paths) == ("shadowed", "warning", ("proposals[1]",))


def test_a_row_whose_conditions_exclude_each_other_is_an_error() -> None:
    never = row("NEVER", asked("capacity", "ABLE"), asked("capacity", "UNABLE"))

    assert errors(never, rest()) == [("never_fires", ("proposals[0]",))]


VALUES: dict[str, tuple[Any, ...]] = {
    "identity": tuple(map(str, SECTION_VERDICTS["IDENTITY"])),
    "capacity": tuple(map(str, SECTION_VERDICTS["CAPACITY"])),
    "cause": tuple(map(str, SECTION_VERDICTS["CAUSE"])),
    "residence": tuple(map(str, SECTION_VERDICTS["RESIDENCE"])),
    "capacity_certainty": ("FIRM", "LIKELY", "WEAK"),
    "cause_certainty": ("FIRM", "LIKELY", "WEAK"),
    "hardship_told": (True, False),
    "cooperative": (True, False),
    "right_party_met": (True, False),
    "not_reached": (True, False),
}
leaf = st.sampled_from([asked(name, value) for name, values in VALUES.items() for value in values])
tree = st.recursive(
    leaf,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
    ),
    max_leaves=4,
)


@st.composite
def tables(draw: Any) -> list[dict[str, Any]]:
    """Return a table with restrictions on nearly firm facts among random rows; about every second passes the checks."""
    rows = [row(f"R{i}", draw(tree)) for i in range(draw(st.integers(0, 2)))]
    for i in range(draw(st.integers(1, 2))):
        left_out = draw(st.sampled_from([None, None, None, *range(len(FIRM))]))
        when = [each for k, each in enumerate(FIRM) if k != left_out]
        kind = draw(st.sampled_from(ADVERSE_KINDS))
        extra = [draw(tree)] if draw(st.booleans()) else []
        rows.insert(draw(st.integers(0, len(rows))), taking(f"T{i}", *when, *extra, kind=kind))
    return [*rows, rest()]


@st.composite
def established(draw: Any) -> Established:
    def section(name: str) -> SectionFact:
        # Half of them as a restriction asks, so that restrictions are reached often.
        wanted = {"IDENTITY": "CONFIRMED", "CAPACITY": "ABLE", "CAUSE": "WILFUL"}.get(name, "CONFIRMED")
        return SectionFact(
            verdict=draw(st.sampled_from([wanted, wanted, wanted, *SECTION_VERDICTS[name]])),
            confidence=draw(st.sampled_from([Decimal("0.9"), Decimal("0.8"), Decimal("0.79"), Decimal("0.2")])),
            has_evidence=draw(st.sampled_from([True, True, False])),
        )

    return Established(
        identity=section("IDENTITY"),
        capacity=section("CAPACITY"),
        cause=section("CAUSE"),
        residence=section("RESIDENCE"),
        right_party_met=draw(st.booleans()),
        cooperative=draw(st.booleans()),
    )


def taken(advice: Any) -> list[str]:
    return [str(each.kind) for each in advice.proposals if each.kind in ADVERSE_KINDS]


@given(body=tables(), facts=established(), other=established(), told=st.sampled_from([[], ["F02"], ["F20"], ["F23"]]))
def test_under_every_table_that_passes_nothing_is_taken_but_on_firm_facts(
    body: list[dict[str, Any]], facts: Established, other: Established, told: list[str]
) -> None:
    policy = parse_policy(policy_body(proposals=body))
    if any(each.severity == Severity.ERROR for each in check_proposals(policy)):
        return
    table = table_of(policy)

    advice = propose(facts=facts, account=ACCOUNT, findings=told, table=table)

    assert advice.reasons
    if taken(advice):
        assert (facts.identity.verdict, facts.capacity.verdict, facts.cause.verdict) == ("CONFIRMED", "ABLE", "WILFUL")
        assert facts.capacity.is_firm(confidence=Decimal("0.80"))
        assert facts.cause.is_firm(confidence=Decimal("0.80"))
        assert told != ["F02"]
        assert all(each.expires_days and each.expires_days <= 365 for each in advice.proposals)
    if told != ["F02"]:
        # The same verdicts, and everything neutral otherwise.
        turned = Established(
            identity=facts.identity,
            capacity=facts.capacity,
            cause=facts.cause,
            residence=other.residence,
            right_party_met=not facts.right_party_met,
            cooperative=not facts.cooperative,
        )
        for neutral in ([], ["F20"], ["F23"], ["F13"]):
            assert taken(propose(facts=turned, account=ACCOUNT, findings=neutral, table=table)) == taken(advice)


def test_the_drawn_tables_reach_restrictions_that_pass() -> None:
    assert takes(parse_policy(policy_body(proposals=[taking(), rest()])).proposals[0])
    assert taken(
        propose(
            facts=Established(
                identity=SectionFact(verdict="CONFIRMED"),
                capacity=SectionFact(verdict="ABLE", confidence=Decimal("0.8"), has_evidence=True),
                cause=SectionFact(verdict="WILFUL", confidence=Decimal("0.8"), has_evidence=True),
            ),
            account=ACCOUNT,
            table=table_of(parse_policy(policy_body(proposals=[taking(), rest()]))),
        )
    ) == ["FREEZE"]
