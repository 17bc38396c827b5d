"""Which signals a verification answers: by firm verdicts, agreeing papers and a borrower who cooperated."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import SECTION_VERDICTS, Section, SignalKind
from cases.rules.signal_answers import FALSE_STATEMENTS, answer_counts_until, answers_of
from cases.rules.verification import Established, SectionFact

FIRM = Decimal("0.80")


def found(**fields) -> dict[str, str]:
    agree = fields.pop("agree", ())
    given_facts = {
        name: SectionFact(verdict=each, confidence=Decimal("0.90"), has_evidence=True)
        if isinstance(each, str)
        else each
        for name, each in fields.items()
    }
    answers = answers_of(established=Established(**given_facts), papers_agree=agree, firm=FIRM)
    return {str(kind): str(answer) for kind, answer in answers.items()}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"identity": "CONFIRMED"}, {"FALSE_IDENTITY": "CLEARED", "DEVICE_SHARED": "CLEARED"}),
        ({"identity": "REFUTED"}, {"FALSE_IDENTITY": "CONFIRMED"}),
        ({"identity": "DOUBTFUL"}, {}),
        ({"residence": "CONFIRMED"}, {"FALSE_ADDRESS": "CLEARED"}),
        ({"residence": "REFUTED"}, {"FALSE_ADDRESS": "CONFIRMED"}),
        # That somebody can pay does not say that the stated employer is true.
        ({"capacity": "ABLE", "cause": "WILFUL"}, {}),
        ({"agree": (SignalKind.FALSE_INCOME,)}, {"FALSE_INCOME": "CLEARED"}),
        ({"right_party_met": True, "cooperative": True}, {"EVASION": "CLEARED"}),
        # Who did not cooperate, or was not met, is not shown to evade (list c, 8).
        ({"right_party_met": True}, {}),
        ({"cooperative": True}, {}),
    ],
)
def test_what_a_verification_answers(fields, expected) -> None:
    assert found(**fields) == expected


@pytest.mark.parametrize(
    "fact",
    [
        SectionFact(verdict="CONFIRMED", confidence=Decimal("0.79"), has_evidence=True),
        SectionFact(verdict="CONFIRMED", confidence=Decimal(1), has_evidence=False),
        SectionFact(verdict="CONFIRMED", confidence=Decimal(0), has_evidence=True),
    ],
)
def test_a_verdict_that_is_not_firm_answers_nothing(fact) -> None:
    assert found(identity=fact, residence=fact) == {}


@given(
    verdicts=st.fixed_dictionaries({section: st.sampled_from(SECTION_VERDICTS[section]) for section in Section}),
    met=st.booleans(),
    cooperative=st.booleans(),
)
def test_only_what_was_refuted_is_confirmed_and_no_conduct_ever_is(verdicts, met, cooperative) -> None:
    fields = {section.lower(): str(verdict) for section, verdict in verdicts.items()}
    flags = {"right_party_met": met, "cooperative": cooperative}
    facts = {name: SectionFact(verdict=each, confidence=Decimal(1), has_evidence=True) for name, each in fields.items()}

    answers = answers_of(established=Established(**facts, **flags), papers_agree=(), firm=FIRM)

    confirmed = {kind for kind, answer in answers.items() if answer == "CONFIRMED"}
    expected = {
        kind
        for section, kind in ((Section.IDENTITY, "FALSE_IDENTITY"), (Section.RESIDENCE, "FALSE_ADDRESS"))
        if verdicts[section] == "REFUTED"
    }
    assert confirmed == expected


def test_neither_moving_nor_evasion_is_a_false_statement() -> None:
    assert {SignalKind.FALSE_ADDRESS, SignalKind.EVASION, SignalKind.DEVICE_SHARED} & FALSE_STATEMENTS == set()


def test_a_confirmation_counts_as_long_as_the_verdict_that_gave_it() -> None:
    day = date(2026, 3, 4)

    assert (answer_counts_until(kind=SignalKind.FALSE_IDENTITY, verified_on=day) - day).days == 365
    assert (answer_counts_until(kind=SignalKind.FALSE_ADDRESS, verified_on=day) - day).days == 180
