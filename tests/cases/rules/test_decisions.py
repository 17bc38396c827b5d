"""The decision table: total, explained, and blind to the use of rights."""

from dataclasses import replace
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import ADVERSE_KINDS, SECTION_VERDICTS, DecisionKind, Verdict
from cases.rules.decisions import AccountView, propose, verified_facts
from cases.rules.policy.proposal_table import HOUSE_TABLE, read_table
from cases.rules.policy.verified_facts import VERIFIED_FACTS
from cases.rules.reasons import NEXT_STEPS, REASONS, WAYS_BACK
from cases.rules.verification import Established, SectionFact
from tests.factories.proposals import asked, rest, row, taking

OVERDUE = AccountView(
    days_past_due=95, arrears_amount=Decimal(32000), outstanding_principal=Decimal(40000), annual_rate=Decimal("0.18")
)
# Findings of the door that only say how somebody used a right, or that nobody was there.
NEUTRAL = ["F04", "F06", "F10", "F12", "F13", "F14", "F20", "F21", "F22", "F23", "F24", "F25", "F26", "F40", "F41"]
KEYS = ("identity", "capacity", "cause", "residence")


def firm(verdict):
    return SectionFact(verdict=verdict, confidence=Decimal("0.95"), has_evidence=True)


def established(*, cooperative=False, **verdicts):
    return Established(cooperative=cooperative, **{key: firm(v) for key, v in verdicts.items()})


def kinds(advice):
    return tuple(str(p.kind) for p in advice.proposals)


@pytest.mark.parametrize(
    ("facts", "wanted"),
    [
        ({"cause": "FORCE_MAJEURE", "capacity": "UNABLE"}, ("SPECIAL_CARE",)),
        ({"cause": "FORCE_MAJEURE"}, ("GRACE",)),
        ({"cause": "FORCE_MAJEURE", "capacity": "PARTLY_ABLE"}, ("PLAN",)),
        ({"cause": "TEMPORARY", "capacity": "PARTLY_ABLE"}, ("PLAN",)),
        ({"cause": "TEMPORARY", "capacity": "UNABLE"}, ("GRACE",)),
        ({"cause": "TEMPORARY"}, ("PLAN",)),
        ({"cause": "TEMPORARY", "capacity": "ABLE", "cooperative": True}, ("GRACE",)),
        ({"cause": "WILFUL", "capacity": "ABLE", "identity": "CONFIRMED"}, ("LEGAL", "FREEZE")),
        ({"cause": "WILFUL", "capacity": "ABLE"}, ()),
        ({"cause": "WILFUL", "capacity": "ABLE", "identity": "DOUBTFUL"}, ()),
        ({"cause": "WILFUL", "capacity": "PARTLY_ABLE", "identity": "CONFIRMED"}, ("PLAN",)),
        ({"cause": "WILFUL", "capacity": "UNABLE", "identity": "CONFIRMED"}, ("GRACE",)),
        ({"cause": "WILFUL", "identity": "CONFIRMED"}, ()),
        ({"identity": "REFUTED", "capacity": "ABLE", "cause": "WILFUL"}, ("SPECIAL_CARE",)),
        ({"residence": "REFUTED"}, ()),
        ({"capacity": "ABLE", "cooperative": True}, ("GRACE",)),
        ({"capacity": "ABLE"}, ()),
        ({}, ()),
    ],
)
def test_propose_follows_the_table(facts, wanted):
    assert kinds(propose(facts=established(**facts), account=OVERDUE)) == wanted


def test_propose_for_a_paid_account_closes():
    paid = AccountView(
        days_past_due=0, arrears_amount=Decimal(0), outstanding_principal=Decimal(8000), annual_rate=Decimal("0.18")
    )

    assert kinds(propose(facts=established(cause="WILFUL", capacity="ABLE", identity="CONFIRMED"), account=paid)) == (
        "CLOSE",
    )


def test_propose_for_a_claim_of_fraud_asks_the_fraud_desk():
    advice = propose(
        facts=established(cause="WILFUL", capacity="ABLE", identity="CONFIRMED"), account=OVERDUE, findings=["F50"]
    )

    assert kinds(advice) == ("SPECIAL_CARE",)
    assert advice.proposals[0].terms["fraud_review"] is True


def test_propose_for_a_refuted_address_asks_to_repair_it():
    assert propose(facts=established(residence="REFUTED"), account=OVERDUE).next_step == "REPAIR_ADDRESS"


@pytest.mark.parametrize("weak", ["identity", "cause", "capacity"])
def test_propose_needs_firm_evidence_for_anything_adverse(weak):
    parts = {"identity": firm("CONFIRMED"), "cause": firm("WILFUL"), "capacity": firm("ABLE")}
    verdict = parts[weak].verdict
    doubts = [
        SectionFact(verdict="NOT_ESTABLISHED"),
        *(
            []
            if weak == "identity"
            else [
                SectionFact(verdict=verdict, confidence=Decimal("0.79"), has_evidence=True),
                SectionFact(verdict=verdict, confidence=Decimal(1), has_evidence=False),
            ]
        ),
    ]

    for doubt in doubts:
        assert kinds(propose(facts=Established(**parts | {weak: doubt}), account=OVERDUE)) == ()


def test_propose_answers_every_combination_with_reasons_and_a_way_back():
    combinations = product(
        *(SECTION_VERDICTS[key.upper()] for key in KEYS), (True, False), ([], ["F01"], ["F02"], ["F03"])
    )
    for *verdicts, cooperative, findings in combinations:
        facts = established(cooperative=cooperative, **dict(zip(KEYS, verdicts, strict=True)))

        advice = propose(facts=facts, account=OVERDUE, findings=findings)

        assert advice.next_step in NEXT_STEPS
        assert advice.reasons
        assert set(advice.reasons) <= set(REASONS)
        for proposal in advice.proposals:
            assert proposal.kind in DecisionKind.values
            assert proposal.reasons
            if proposal.kind in ADVERSE_KINDS:
                assert proposal.expires_days
                assert proposal.terms["way_back"] in WAYS_BACK
            if proposal.kind == DecisionKind.PLAN:
                assert 1 <= proposal.terms["instalments"] <= 60
                assert Decimal(proposal.terms["annual_rate"]) <= Decimal("0.24")


@st.composite
def sections(draw, *, without_wilful=False):
    parts = {}
    for key in KEYS:
        verdicts = [v for v in SECTION_VERDICTS[key.upper()] if not (without_wilful and v == Verdict.WILFUL)]
        parts[key] = SectionFact(
            verdict=draw(st.sampled_from(verdicts)),
            confidence=draw(st.decimals(0, 1, places=2)),
            has_evidence=draw(st.booleans()),
        )
    return Established(**parts, right_party_met=draw(st.booleans()), cooperative=draw(st.booleans()))


accounts = st.builds(
    AccountView,
    days_past_due=st.integers(0, 2000),
    arrears_amount=st.decimals(0, 10_000_000, places=2),
    outstanding_principal=st.decimals(0, 10_000_000, places=2),
    annual_rate=st.decimals(0, "0.99", places=5),
    status=st.sampled_from(["ACTIVE", "FROZEN", "CLOSED", "WRITTEN_OFF"]),
    on_active_plan=st.booleans(),
)


@given(
    facts=sections(without_wilful=True),
    account=accounts,
    findings=st.lists(st.sampled_from(["F01", "F02", "F03", "F30", *NEUTRAL])),
)
def test_nothing_adverse_without_an_established_wilful_cause(facts, account, findings):
    assert not set(kinds(propose(facts=facts, account=account, findings=findings))) & set(ADVERSE_KINDS)


@given(facts=sections(), account=accounts, findings=st.lists(st.sampled_from(NEUTRAL)))
def test_using_a_right_or_being_away_changes_no_proposal(facts, account, findings):
    assert propose(facts=facts, account=account, findings=findings) == propose(facts=facts, account=account)


@given(facts=sections(), account=accounts)
def test_not_being_met_never_brings_anything_adverse(facts, account):
    met = Established(
        identity=facts.identity,
        capacity=facts.capacity,
        cause=facts.cause,
        residence=facts.residence,
        right_party_met=True,
        cooperative=facts.cooperative,
    )
    away = Established(
        identity=facts.identity,
        capacity=facts.capacity,
        cause=facts.cause,
        residence=facts.residence,
        right_party_met=False,
        cooperative=facts.cooperative,
    )

    assert propose(facts=away, account=account) == propose(facts=met, account=account)


WITHHELD = {"identity": "CONFIRMED", "cause": "WILFUL", "capacity": "ABLE"}


def table(*rows, **numbers):
    return read_table({"proposals": list(rows), "parameters": numbers})


@pytest.mark.parametrize(
    ("findings", "facts"),
    [
        (["F50"], {}),
        (["F05"], {}),
        (["F30"], {}),
        (["F31"], {}),
        (["F03"], {}),
        ([], {"identity": "REFUTED"}),
    ],
)
def test_no_table_changes_what_comes_before_it(findings, facts):
    # This table restricts everybody; the checks of a policy refuse it.
    harsh = table(taking("ALL", asked("days_past_due", 0, "gte")))

    advice = propose(facts=established(**facts), account=OVERDUE, findings=findings, table=harsh)

    assert advice == propose(facts=established(**facts), account=OVERDUE, findings=findings)
    assert advice.row == ""


@pytest.mark.parametrize("changes", [{"status": "CLOSED"}, {"days_past_due": 0}, {"on_active_plan": True}])
def test_no_table_changes_what_follows_from_the_account(changes):
    harsh = table(taking("ALL", asked("days_past_due", 0, "gte")))
    account = replace(OVERDUE, **changes)

    assert propose(facts=established(), account=account, table=harsh) == propose(facts=established(), account=account)


def test_what_would_change_nothing_is_left_out():
    frozen = replace(OVERDUE, status="FROZEN")

    stopped = propose(facts=established(**WITHHELD), account=frozen, table=table(taking(kind="FREEZE"), rest()))
    uncut = propose(facts=established(**WITHHELD), account=OVERDUE, table=table(taking(kind="LIMIT_CUT"), rest()))

    assert [(each.proposals, each.next_step, each.row) for each in (stopped, uncut)] == [
        ((), "CONTINUE_CONTACT", "TAKES")
    ] * 2


def test_a_cut_is_of_the_limit_with_its_value_before():
    limited = replace(OVERDUE, credit_limit=Decimal(60000))

    advice = propose(facts=established(**WITHHELD), account=limited, table=table(taking(kind="LIMIT_CUT"), rest()))

    (cut,) = advice.proposals
    assert dict(cut.terms) == {"before": "60000.00", "limit": "48000.00", "way_back": "PAY_THE_ARREARS"}
    assert (cut.expires_days, advice.row) == (180, "TAKES")


def test_relief_of_the_rate_names_the_rate_before_and_never_falls_below_nothing():
    always = {"feature": "days_past_due", "op": "gte", "value": 0}
    gives = row(
        "GIVES", always, reasons=["HARDSHIP"], decisions=[{"kind": "RATE_RELIEF", "relief": "0.02", "days": 60}]
    )

    def proposed(rate):
        account = replace(OVERDUE, annual_rate=Decimal(rate))
        return [
            dict(each.terms) for each in propose(facts=established(), account=account, table=table(gives)).proposals
        ]

    assert proposed("0.18") == [{"before": "0.18000", "rate": "0.16000", "days": 60}]
    assert proposed("0.01") == [{"before": "0.01000", "rate": "0.00000", "days": 60}]
    assert proposed("0") == []


def test_without_a_row_that_fits_nothing_is_proposed():
    advice = propose(facts=established(), account=OVERDUE, table=table(taking()))

    assert (advice.proposals, advice.next_step, advice.row) == ((), "CONTINUE_CONTACT", "")


def test_every_fact_that_a_row_may_ask_has_a_value():
    values = verified_facts(facts=established(), account=OVERDUE, findings=frozenset({"F02"}), table=HOUSE_TABLE)

    assert set(values) == {*VERIFIED_FACTS, "days_past_due"}
    assert (values["hardship_told"], values["not_reached"], values["capacity_certainty"]) == (True, False, "WEAK")
