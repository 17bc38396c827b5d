"""Letters of a waiver: what is waived, what is to be paid by when, and what follows if not."""

import pytest

from cases.rules.letters.bank import bank
from cases.rules.letters.compose import compose
from cases.rules.letters.facts import read_facts
from cases.rules.letters.letter import Reader, as_text
from cases.rules.letters.waiver_letters import OF_WAIVERS, WHAT_OF_WAIVERS, part_path, waiver_values
from cases.rules.wording.scan import scan
from cases.rules.wording.word_lists import word_lists
from tests.factories.letters import FACTS

READER = {
    "number": "H0000012",
    "addressee": "张*三",
    "account": "A-0001234",
    "lender": "示范消费金融",
    "phone": "400-000-0000",
    "check": "abcdef01fedcba10",
    "rules": {},
    "note": "",
}
WAIVED = {
    "kind": "WAIVER",
    "reasons": ["OFFICER_JUDGEMENT"],
    "terms": {"part": "PENALTY", "due": "800.00", "amount": "800.00", "pay": "31200.00", "settle_by": "2026-03-22"},
    "ends_on": "2026-03-22",
}


def facts(**more):
    return read_facts(FACTS | WAIVED | more)


def body(kind: str, language: str, **more) -> str:
    made = compose(kind=kind, facts=facts(**more), reader=Reader(language=language, **READER), bank=bank())
    text = as_text(made)
    return text[text.index("\n\n", text.index(READER["check"])) :]


def test_an_approved_waiver_says_what_is_paid_by_when_and_what_follows_if_not():
    text = body("GRANTED", "en")

    assert "If you pay CNY 31,200.00 by the end of 22 March 2026, we waive CNY 800.00 of penalty interest." in text
    assert "Payments count from 2 March 2026; the last day is 22 March 2026." in text
    assert "If less has arrived by then, the waiver does not count; what you paid is kept for you all the same." in text


def test_an_approved_waiver_of_interest_in_chinese():
    text = body("GRANTED", "zh-hans", terms=WAIVED["terms"] | {"part": "INTEREST"})

    assert "如果您在2026年3月22日当日或之前还款满人民币31,200.00元，我们就免除您人民币800.00元的利息。" in text


@pytest.mark.parametrize(
    ("kind", "english", "chinese", "may_object"),
    [
        (
            "EARNED",
            "Your payment has arrived, and we waive CNY 800.00 of penalty interest.",
            "免除您人民币800.00元的罚息",
            0,
        ),
        ("LAPSED", "By the end of 22 March 2026, CNY 31,200.00 had not fully arrived.", "没有全部到账", 1),
        ("UNPAID", "Once CNY 31,200.00 has arrived again, the waiver counts.", "您再次还款达到", 1),
        (
            "LIFTED",
            "Our offer of 2 March 2026 to waive CNY 800.00 of penalty interest no longer counts.",
            "不再有效",
            1,
        ),
    ],
)
def test_what_became_of_a_waiver_is_told(kind, english, chinese, may_object):
    assert english in body(kind, "en")
    assert chinese in body(kind, "zh-hans")
    assert ("If you do not agree" in body(kind, "en")) == bool(may_object)


@pytest.mark.parametrize("kind", [*sorted(WHAT_OF_WAIVERS), "LIFTED", "REVERSED"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_no_letter_of_a_waiver_threatens_or_leaves_a_place_empty(kind, language):
    text = body(kind, language)

    assert scan(text=text, words=word_lists(), debt=False) == ()
    assert "{" not in text
    assert "—" not in text.replace("——", "")


def test_waiver_values_of_another_decision_are_dashes():
    other = read_facts(FACTS)

    assert waiver_values(facts=other, language="en")["settle_by"] == "—"
    assert (part_path(facts=other), part_path(facts=facts())) == ("", "why.parts.PENALTY")
    assert set(WHAT_OF_WAIVERS) - OF_WAIVERS == {"GRANTED"}
