"""Letters in both languages, whole: what, why, since when and how long, what helps, how to object, whom to ask."""

import itertools

import pytest

from cases.enums import ADVERSE_KINDS, DecisionKind
from cases.rules.letters.bank import bank
from cases.rules.letters.compose import compose
from cases.rules.letters.facts import read_facts
from cases.rules.letters.letter import Reader, as_text
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
PLAN = {
    "kind": "PLAN",
    "reasons": ["HARDSHIP", "PARTLY_ABLE"],
    "terms": {"total": "3900.00", "annual_rate": "0.15000", "instalments": 2},
    "instalments": {"each": [{"on": "2026-04-02", "amount": "2000.00"}, {"on": "2026-05-06", "amount": "1939.47"}]},
}


def letter(kind: str, language: str, facts: dict | None = None, **reader):
    return compose(
        kind=kind,
        facts=read_facts(FACTS | (facts or {})),
        reader=Reader(language=language, **READER | reader),
        bank=bank(),
    )


def said(made, name):
    return next((section.sentences for section in made.sections if section.name == name), None)


def test_a_cut_of_the_limit_is_told_in_chinese():
    assert (
        as_text(letter("TAKEN", "zh-hans"))
        == """一封关于您账户的信

编号：H0000012
日期：2026年3月2日
账户：A-0001234
核对码：abcdef01fedcba10

尊敬的张*三：

我们的决定
您的额度由人民币60,000.00元调整为人民币30,000.00元。已经约定的还款方式不变。

原因
截至2026年3月1日，您的账户已逾期95天，逾期金额为人民币32,000.00元。
约定的还款多次没有按期到账。
我们依据2026年2月27日上门了解到的情况，内容为：身份、还款能力。
这项决定由工作人员作出。

时间
自2026年3月2日起有效。
有效期至2026年8月29日，到期自动结束，您不需要办理任何手续。

您可以怎么做
您还清逾期款项，并在此后连续三次按时还款，这项措施即解除。
如果您有困难，请先告诉我们，我们可以一起商量分期还款。

如果您不同意
您可以随时在应用内、通过电话或书面提出异议，并提供您的材料。
异议由没有参与此事的人员处理，并在15天内答复您。
提出异议不会对您有任何不利影响。
您也可以要求我们进一步说明原因，我们会在15天内答复。

联系我们
请拨打400-000-0000，由工作人员接听。
来电时请告知编号H0000012。

感谢您抽时间阅读。
示范消费金融
"""
    )


def test_a_plan_is_offered_in_english_with_its_instalments():
    assert (
        as_text(letter("GRANTED", "en", PLAN))
        == """A letter about your account

Number: H0000012
Date: 2 March 2026
Account: A-0001234
Check code: abcdef01fedcba10

Dear 张*三,

What we decided
We offer you a plan: CNY 3,900.00 in 2 instalments, at 15.00% a year. It counts only if you agree, and you are free to say no.
While you keep to the plan we will not press you for the amount, and nobody calls at your door.
No.  Due on  Amount
1  2 April 2026  CNY 2,000.00
2  6 May 2026  CNY 1,939.47

Why
On 1 March 2026 your account was 95 days past due, with CNY 32,000.00 overdue.
We learned that you are in difficulty through no fault of your own.
We learned that you can pay a part at a time.
We rely on a visit of 27 February 2026, in which these were established: identity, means to pay.
A person made this decision.

From when, and how long
Please tell us by 29 August 2026 whether you accept.

What you can do
You can accept in the app, by telephone or in writing.

If you do not agree
You may object at any time, in the app, by telephone or in writing, and send us what you have.
Somebody who took no part in it answers you within 15 days.
Objecting never counts against you.
You may also ask us to explain it further; we answer within 15 days.

Talk to a person
Please call 400-000-0000; a person answers.
Please tell us the number H0000012 when you call.

Thank you for your time.
示范消费金融
"""
    )


# Which letters there are: what is given or taken, the end of each kind, and rewards that pause.
ALL = [
    *((("TAKEN" if kind in ADVERSE_KINDS else "GRANTED"), kind) for kind in DecisionKind),
    *itertools.product(("LIFTED", "ENDED", "REVERSED"), DecisionKind),
    *itertools.product(("SUSPENDED", "RESUMED"), ("LIMIT_INCREASE", "RATE_REDUCTION")),
]
TERMS = {
    "LIMIT_INCREASE": {"limit": "66000.00"},
    "RATE_REDUCTION": {"rate": "0.17500"},
    "RATE_RELIEF": {"before": "0.18000", "rate": "0.17500", "days": 90},
    "PLAN": PLAN["terms"],
    "WAIVER": {"part": "PENALTY", "amount": "800.00", "pay": "31200.00", "settle_by": "2026-03-22"},
    "GRACE": {"days": 30, "waive_penalty": True},
}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(("kind", "decision"), ALL)
def test_every_letter_can_be_written_and_holds_no_word_that_may_not_go_out(kind, decision, language):
    facts = {"kind": str(decision), "terms": TERMS.get(decision, FACTS["terms"])}
    made = letter(kind, language, facts)

    text = as_text(made)
    # The number of the lender's own desk is the one number that a letter gives.
    found = scan(text=text.replace(READER["phone"], ""), words=word_lists())
    assert [text[each.start : each.end] for each in found] == []
    assert "{" not in text
    assert "—" not in text
    assert scan(text=made.title + made.file, words=word_lists(), debt=True) == ()
    assert {section.name for section in made.sections} >= {"what", "why", "when", "way", "ask"}


@pytest.mark.parametrize(
    ("kind", "facts", "why", "way"),
    [
        (
            "LIFTED",
            {"arrears": "0.00", "days_past_due": 0},
            ("The overdue amount has been paid.",),
            ("You need not do anything.",),
        ),
        ("LIFTED", {}, ("The reason for it no longer holds.",), ("You need not do anything.",)),
        (
            "ENDED",
            {"kind": "GRACE"},
            ("Its time is over.",),
            ("Please pay as was agreed; if that is hard, please tell us.",),
        ),
        ("REVERSED", {}, ("We looked at the decision again and took it back.",), ("You need not do anything.",)),
        (
            "REVERSED",
            {"upheld": True},
            ("Your objection was right. We are sorry for the trouble.",),
            ("You need not do anything.",),
        ),
        (
            "SUSPENDED",
            {"kind": "RATE_REDUCTION", "days_past_due": 1},
            ("The reward rests on payments on time, and on 1 March 2026 your account was 1 day past due.",),
            ("Once the overdue amount is paid, the reward counts again.",),
        ),
        (
            "RESUMED",
            {"kind": "RATE_REDUCTION"},
            ("Your account is no longer past due.",),
            ("You need not do anything.",),
        ),
    ],
)
def test_a_change_says_why_and_what_it_asks_of_the_borrower(kind, facts, why, way):
    made = letter(kind, "en", facts)

    assert (said(made, "why"), said(made, "way")) == (why, way)
    assert made.sections[0].heading == "What has changed"


@pytest.mark.parametrize(
    ("kind", "decision", "may_object"),
    [
        ("TAKEN", "FREEZE", True),
        ("GRANTED", "GRACE", True),
        ("ENDED", "GRACE", True),
        ("SUSPENDED", "LIMIT_INCREASE", True),
        ("ENDED", "FREEZE", False),
        ("REVERSED", "LEGAL", False),
        ("RESUMED", "LIMIT_INCREASE", False),
    ],
)
def test_how_to_object_is_said_unless_something_was_given_back(kind, decision, may_object):
    assert (said(letter(kind, "en", {"kind": decision}), "object") is not None) == may_object


@pytest.mark.parametrize(
    ("facts", "reader", "why"),
    [
        (
            {"reasons": ["SIX_MONTHS_ON_TIME"], "on_time_months": 7},
            {},
            ("You have paid on time for 7 months in a row. Thank you.", "We rely on the record of your payments."),
        ),
        (
            {"reasons": ["SIX_MONTHS_ON_TIME"]},
            {},
            ("You have paid on time for months. Thank you.",),
        ),
        (
            {"reasons": ["OWN_RULE"]},
            {"rules": {"OWN_RULE": "Ten payments"}},
            ("The rule that applied is: Ten payments.",),
        ),
        (
            {"reasons": ["OWN_RULE"]},
            {"note": "Thank you for calling {me}"},
            ("One of our people examined your account.", "A note from our staff for you: Thank you for calling {me}"),
        ),
        (
            {"reasons": [], "verification": {"source": "DESK", "on": "2026-02-27", "sections": []}},
            {},
            ("We rely on a call of 27 February 2026.",),
        ),
    ],
)
def test_reasons_are_named_with_their_figures_and_the_kind_of_evidence(facts, reader, why):
    given = {"kind": "LIMIT_INCREASE", "terms": {"limit": "1"}, "verification": None, "by_person": False}
    made = letter("GRANTED", "en", given | facts, **reader)

    rules = "Rules that people approved led to this decision; you may ask for a person to look at it again."
    assert said(made, "why") == (*why, rules)


def test_a_borrower_without_a_readable_name_is_greeted_as_customer():
    assert letter("TAKEN", "zh-hans", addressee="").greeting == "尊敬的客户："
