"""Letters of a plan that was agreed, not kept or fulfilled: the schedule, what was missed, and what follows."""

import pytest

from cases.rules.letters.bank import bank
from cases.rules.letters.compose import compose
from cases.rules.letters.facts import read_facts
from cases.rules.letters.letter import Reader, as_text
from cases.rules.letters.plan_letters import WAY_OF_PLANS, WHAT_OF_PLANS, plan_values, shown_instalments
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
AGREED = {
    "kind": "PLAN",
    "reasons": ["HARDSHIP"],
    "terms": {"total": "3900.00", "annual_rate": "0.18000", "instalments": 2},
    "plan": {"total": "3900.00", "rate": "0.15000"},
    "ends_on": None,
    "instalments": {"each": [{"on": "2026-04-02", "amount": "2000.00"}, {"on": "2026-05-06", "amount": "1939.47"}]},
}


def facts(**more):
    return read_facts(FACTS | AGREED | more)


def body(kind: str, language: str, **more) -> str:
    made = compose(kind=kind, facts=facts(**more), reader=Reader(language=language, **READER), bank=bank())
    return as_text(made)


def test_an_agreed_plan_is_told_in_english_with_its_schedule_and_what_breaks_it():
    text = body("AGREED", "en")

    assert text[text.index("What has changed") : text.index("If you do not agree")] == (
        """What has changed
On 2 March 2026 we agreed a plan with you: CNY 3,900.00 in 2 instalments, at 15.00% a year.
All instalments together come to CNY 3,939.47, interest included.
While you keep to the plan we will not press you for the amount, and nobody calls at your door.
No.  Due on  Amount
1  2 April 2026  CNY 2,000.00
2  6 May 2026  CNY 1,939.47

Why
You agreed to the plan that we offered.

From when, and how long
The first instalment is due on 2 April 2026, the last on 6 May 2026.

What you can do
Please pay each instalment by its day; you may also pay earlier.
If 2 instalments are missed, or one is more than 30 days late, the plan no longer counts and a person looks at it again. Nothing falls due at once because of that, and the rate stays.
If an instalment will be hard to pay, please tell us early, and we will look for a way together.

"""
    )


def test_a_plan_that_was_not_kept_is_told_in_chinese_with_what_was_missed():
    text = body("BROKEN", "zh-hans", missed={"numbers": [2]})

    assert text[text.index("有什么变化") : text.index("如果您不同意")] == (
        """有什么变化
您的分期还款方案已不再有效。
剩余款项不会因此一次全部到期，方案的年利率15.00%继续适用。
工作人员会先了解您的情况，之后我们可能再次就这笔款项与您联系。
没有收到的分期如下。
期次  还款日  金额
2  2026年5月6日  人民币1,939.47元

原因
没有按期到账的分期数：1。

时间
自2026年3月2日起不再有效。

您可以怎么做
您可以申请新的分期还款方案，请告诉我们您能承担多少。
如果您有困难，请先告诉我们，我们可以一起商量分期还款。

"""
    )


def test_a_fulfilled_plan_is_told_with_thanks_and_nothing_to_object_to():
    text = body("FULFILLED", "en")

    assert "You have paid every instalment of your plan. Thank you." in text
    assert "We no longer press you for this amount." in text
    assert "What was agreed about your account before the plan counts again" in text
    assert "The plan was completed on 2 March 2026." in text
    assert "If you do not agree" not in text
    assert "No.  Due on" not in text


def test_a_plan_that_counts_again_is_told_with_what_is_open():
    text = body("REOPENED", "en", missed={"numbers": [2]})

    assert text[text.index("What has changed") : text.index("If you do not agree")] == (
        """What has changed
A payment of yours was taken back, so your plan counts again.
While you keep to the plan we will not press you for the amount, and nobody calls at your door.
These are the instalments that are open.
No.  Due on  Amount
2  6 May 2026  CNY 1,939.47

Why
The payer or the bank took the payment back.

From when, and how long
It counts again from 2 March 2026.

What you can do
Please pay each instalment by its day; you may also pay earlier.
If 2 instalments are missed, or one is more than 30 days late, the plan no longer counts and a person looks at it again. Nothing falls due at once because of that, and the rate stays.
If an instalment will be hard to pay, please tell us early, and we will look for a way together.

"""
    )


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("kind", WHAT_OF_PLANS)
def test_no_letter_of_a_plan_holds_a_word_that_may_not_go_out(kind, language):
    text = body(kind, language, missed={"numbers": [1, 2]})

    found = scan(text=text.replace(READER["phone"], ""), words=word_lists())
    assert [text[each.start : each.end] for each in found] == []
    assert "—" not in text


def test_shown_instalments_are_all_of_an_agreement_and_those_that_were_missed():
    known = facts(missed={"numbers": [2]})

    numbers = {
        kind: [each[0] for each in shown_instalments(kind=kind, facts=known)]
        for kind in ("AGREED", "BROKEN", "FULFILLED", "REOPENED")
    }

    assert numbers == {"AGREED": [1, 2], "BROKEN": [2], "FULFILLED": [], "REOPENED": [2]}


def test_plan_values_are_those_agreed_and_else_those_offered():
    offered = read_facts(FACTS | AGREED | {"plan": None})

    rates = [plan_values(facts=each, language="en")["plan_rate"] for each in (facts(), offered)]

    assert rates == ["15.00%", "18.00%"]


def test_each_path_of_a_plan_has_its_sentence():
    paths = {path for each in (*WHAT_OF_PLANS.values(), *WAY_OF_PLANS.values()) for path in each}

    assert sorted(path for path in paths if not bank().has(path)) == []
