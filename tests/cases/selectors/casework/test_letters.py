"""Letters about decisions as they are read: whole texts in both languages, the same words in the PDF, nobody's full name."""

import re
from datetime import timedelta

import pytest
from django.utils import translation

from cases.models import Account, Decision, DecisionLetter
from cases.rules.wording.scan import scan
from cases.rules.wording.word_lists import word_lists
from cases.selectors.casework.letters import (
    RELATED,
    UNDELIVERED_DAYS,
    explanation_start,
    file_name,
    latest_letter,
    letter_pdf,
    letter_text,
    letters_of_borrower,
    own_language,
    undelivered,
)
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.proposing import propose_decision
from cases.services.decisions.reversal import reverse_decision
from tests.factories.casework import AT, TODAY, make_case, make_decision, make_policy_version
from tests.factories.portfolio import make_account, make_borrower, make_overdue, pay_up
from tests.pdf_text import pdf_text


@pytest.fixture(autouse=True)
def _lender(settings):
    settings.LENDER_NAME, settings.COMPLAINTS_PHONE = "示范消费金融", "400-000-0000"


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


@pytest.fixture
def letter(account, approver):
    decision = make_decision(account=account, kind="LIMIT_CUT", origin="OFFICER", reasons=["LONG_OVERDUE"])
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")
    return DecisionLetter.objects.select_related(*RELATED).get()


def english(letter, account) -> str:
    return f"""A letter about your account

Number: {letter}
Date: 2 March 2026
Account: {account.external_ref}
Check code: {letter.digest[:16]}

Dear {account.borrower.masked_name},

What we decided
Your limit goes down from CNY 60,000.00 to CNY 30,000.00. What was agreed about repayment stays as it is.

Why
On {account.as_of.day} March 2026 your account was {account.days_past_due} days past due, with CNY {account.arrears_amount:,.2f} overdue.
The account has been past due for long.
A person made this decision.

From when, and how long
This applies from 2 March 2026.
It applies until 29 August 2026 and then ends by itself; you need not do anything.

What you can do
If you are in difficulty, please talk to us first: we can look for a plan together.

If you do not agree
You may object at any time, in the app, by telephone or in writing, and send us what you have.
Somebody who took no part in it answers you within 15 days.
Objecting never counts against you.
You may also ask us to explain it further; we answer within 15 days.

Talk to a person
Please call 400-000-0000; a person answers.
Please tell us the number {letter} when you call.

Thank you for your time.
示范消费金融
"""


def test_letter_text_says_what_was_true_when_it_was_written(letter, account, django_assert_num_queries):
    Account.objects.update(arrears_amount=0, days_past_due=0, credit_limit=1)

    with django_assert_num_queries(0):
        text = letter_text(letter=letter, language="en")

    assert text == english(letter, account)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pdf_prints_the_words_of_the_text(letter, language):
    printed = pdf_text(letter_pdf(letter=letter, language=language))

    # The sender stands above the title as well, and the number in the foot of the page.
    words = re.sub(r"\s", "", "示范消费金融" + letter_text(letter=letter, language=language))
    assert printed == f"{words}{letter}1/1"


def test_the_same_letter_gives_the_same_pdf(letter):
    once = letter_pdf(letter=letter, language="en")

    assert once == letter_pdf(letter=DecisionLetter.objects.get(pk=letter.pk), language="en")
    assert once != letter_pdf(letter=letter, language="zh-hans")


def test_the_outside_of_a_letter_tells_a_stranger_nothing(letter):
    content = letter_pdf(letter=letter, language="zh-hans")
    names = [file_name(letter=letter, language=language) for language in ("zh-hans", "en")]
    title = re.search(rb"/Title<([0-9A-F]+)>", content)

    assert names == [f"letter-{letter}-zh.pdf", f"letter-{letter}-en.pdf"]
    assert title
    assert bytes.fromhex(title[1].decode()).decode("utf-16") == "一封关于您账户的信"
    assert scan(text="一封关于您账户的信" + "".join(names), words=word_lists(), debt=True) == ()


@pytest.mark.parametrize(
    ("language", "own"), [("en", "en"), ("en-gb", "en"), ("zh-hans", "zh-hans"), ("fr", "zh-hans")]
)
def test_own_language_is_one_of_the_letters(language, own):
    with translation.override(language):
        assert own_language() == own


def test_without_a_language_the_reader_gets_their_own(letter):
    with translation.override("en"):
        assert letter_text(letter=letter) == letter_text(letter=letter, language="en")
    with translation.override("zh-hans"):
        assert letter_text(letter=letter).startswith("一封关于您账户的信\n")


@pytest.mark.parametrize(
    ("note", "is_printed"),
    [("We count your rent.", True), ("We will call the police.", False), ("Ask 13812345678", False)],
)
def test_an_officers_words_are_printed_unless_they_may_not_go_out(account, officer, approver, note, is_printed):
    case = make_case(account=account)
    decision = propose_decision(case=case, account=account, kind="GRACE", reason=note, actor=officer, at=AT, days=30)
    approve_decision(decision=decision, actor=approver, at=AT)

    text = letter_text(letter=DecisionLetter.objects.get(), language="en")

    assert (f"A note from our staff for you: {note}\n" in text) == is_printed
    assert (note in text) == is_printed


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("Ten payments in a row", "The rule that applied is: Ten payments in a row."),
        ("Police", "One of our people examined your account."),
    ],
)
def test_a_rule_of_the_lenders_own_is_named_by_its_title_unless_it_may_not_go_out(account, approver, title, line):
    rule = {"code": "OWN", "title": {"en": title, "zh": "连续十期"}}
    version = make_policy_version(body={"rewards": [rule], "restrictions": []})
    decision = make_decision(account=pay_up(account), kind="RATE_REDUCTION", reasons=["OWN"], policy_version=version)
    approve_decision(decision=decision, actor=approver, at=AT)

    assert f"\n{line}\n" in letter_text(letter=DecisionLetter.objects.get(), language="en")


def test_a_letter_names_the_borrower_masked(shanghai, approver):
    account = make_account(borrower=make_borrower(territory=shanghai, name="欧阳雪峰"))
    approve_decision(decision=make_decision(account=account), actor=approver, at=AT)

    text = letter_text(letter=DecisionLetter.objects.get(), language="zh-hans")

    assert "欧阳雪峰" not in text
    assert f"尊敬的{account.borrower.masked_name}：" in text


def test_latest_letter_and_the_start_of_an_explanation(letter, approver, django_assert_num_queries):
    decision = Decision.objects.get()
    reverse_decision(decision=decision, reason="Wrong", actor=approver, at=AT + timedelta(days=2))

    with django_assert_num_queries(1):
        assert latest_letter(decision=decision).kind == "REVERSED"
    with translation.override("en"), django_assert_num_queries(1):
        start = explanation_start(decision=decision, most=500)
    # An explanation is about the decision itself, not about its end.
    assert start.startswith("Your limit goes down from CNY 60,000.00 to CNY 30,000.00.")
    assert start.endswith("we can look for a plan together.")
    assert len(start) <= 500


def test_a_decision_without_a_letter_has_no_start(account):
    decision = make_decision(account=account)

    assert (latest_letter(decision=decision), explanation_start(decision=decision, most=500)) == (None, "")
    assert explanation_start(decision=None, most=500) == ""


@pytest.mark.parametrize(
    ("state", "age", "is_late"),
    [
        ("WAITING", UNDELIVERED_DAYS, False),
        ("WAITING", UNDELIVERED_DAYS + 1, True),
        ("RETURNED", 0, True),
        ("DELIVERED", 90, False),
        ("OPENED", 90, False),
    ],
)
def test_undelivered_letters_came_back_or_wait_for_more_than_a_week(letter, state, age, is_late):
    DecisionLetter.objects.update(state=state)

    rows = undelivered(DecisionLetter.objects.all(), business_date=TODAY + timedelta(days=age))

    assert list(rows) == ([letter] if is_late else [])


@pytest.mark.parametrize("count", [1, 3])
def test_letters_of_a_borrower_that_did_not_arrive_come_first(shanghai, approver, count, django_assert_num_queries):
    borrower = make_borrower(territory=shanghai)
    for _one in range(count):
        account = make_account(borrower=borrower, days_past_due=95, arrears_amount=32000)
        for kind in ("FREEZE", "LIMIT_CUT"):
            approve_decision(decision=make_decision(account=account, kind=kind), actor=approver, at=AT, note="Read")
    came_back = DecisionLetter.objects.order_by("pk").first()
    DecisionLetter.objects.filter(pk=came_back.pk).update(state="RETURNED")
    approver.territory_ids  # noqa: B018 - read once a request

    with django_assert_num_queries(1):
        found = letters_of_borrower(borrower_id=borrower.pk, user=approver, business_date=TODAY, most=2)
        decisions = [letter.decision.kind for letter in found]

    assert (found[0], len(decisions)) == (came_back, 2)
    assert [letter.did_not_arrive for letter in found] == [True, False]
    later = letters_of_borrower(
        borrower_id=borrower.pk, user=approver, business_date=TODAY + timedelta(days=UNDELIVERED_DAYS + 1), most=9
    )
    assert {letter.did_not_arrive for letter in later} == {True}


def test_letters_of_a_borrower_of_another_territory_are_not_shown(letter, account, person, chengdu):
    stranger = person("APPROVER", name="stranger", territories=[chengdu])

    assert letters_of_borrower(borrower_id=account.borrower_id, user=stranger, business_date=TODAY, most=9) == []
