"""The approvers' queue: rows that say what changes for whom, and the way to the next waiting decision."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue

SUBMIT = {"_form_submitted": "on"}
LIST = "admin:cases_decision_changelist"
# Of them one asks whether it waits for the reader, and at most four what waits beside it.
PAGE_QUERIES = 30


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def shown(client, user, address, query=None):
    client.force_login(user)
    client.cookies["django_language"] = "en"
    answer = client.get(address, query or {})
    assert answer.status_code == 200
    return answer, " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def page_of(decision):
    return reverse("admin:cases_decision_change", args=[decision.pk])


def test_each_row_says_what_changes_for_whom(client, account, approver):
    decision = make_decision(
        account=account, kind="FREEZE", approvals_needed=2, reasons=["LONG_OVERDUE"], created_at=timezone.now()
    )
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")
    other = make_decision(account=account, kind="GRACE", created_at=timezone.now())

    _answer, text = shown(client, approver, reverse(LIST), {"waiting": "mine"})

    name = account.borrower.masked_name
    assert f"{other} Grace {name} {account.external_ref} Collection: Normal collection → Collection paused" in text
    assert (
        "Penalty interest: Charged → Penalty interest waived Length in days: 30 CNY 32,000.00 95 days past due" in text
    )
    assert "0 of 1 approved" in text
    assert str(decision) not in text


def test_whether_a_first_approval_was_given_is_said(client, account, approver, person):
    decision = make_decision(account=account, kind="FREEZE", approvals_needed=2)
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")

    _answer, text = shown(client, person("APPROVER", name="second"), reverse(LIST), {"waiting": "mine"})

    assert f"{decision} Freeze the limit" in text
    assert "1 of 2 approved" in text


def test_what_is_over_says_what_it_was(client, account, approver):
    make_decision(
        account=account, kind="LIMIT_CUT", state="REJECTED", terms={"before": "60000.00", "limit": "30000.00"}
    )

    _answer, text = shown(client, approver, reverse(LIST))

    assert "New limit: CNY 30,000.00 Before: CNY 60,000.00" in text
    assert "CNY 60,000.00 → " not in text


def test_people_who_may_not_approve_have_no_queue(client, account, officer):
    make_decision(account=account)

    answer, text = shown(client, officer, reverse(LIST), {"waiting": "mine"})

    assert list(answer.context["cl"].result_list) == []
    assert "For my approval" not in text


def test_the_home_page_leads_to_the_queue(client, account, approver):
    make_decision(account=account)
    client.force_login(approver)

    home = client.get(reverse("admin:index")).content.decode()

    assert f"{reverse(LIST)}?waiting=mine" in home


def test_a_waiting_decision_leads_to_the_ones_beside_it(client, shanghai, approver):
    oldest, middle, newest = (make_decision(account=make_overdue(territory=shanghai)) for _one in range(3))

    answer, _text = shown(client, approver, page_of(middle))

    html = answer.content.decode()
    assert f'rel="prev" href="{page_of(oldest)}"' in html
    assert f'rel="next" href="{page_of(newest)}"' in html


def test_the_queue_shows_the_first_to_be_decided_first(client, shanghai, approver):
    freeze = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", expires_on=TODAY)
    grace = make_decision(account=make_overdue(territory=shanghai), kind="GRACE", terms={"days": 30})
    newer = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", expires_on=TODAY)
    client.force_login(approver)

    def rows(query):
        return list(client.get(reverse(LIST), query).context["cl"].result_list)

    assert rows({"waiting": "mine"}) == [grace, freeze, newer]
    assert rows({}) == [newer, grace, freeze]


@pytest.mark.parametrize(("button", "fields"), [("approve", {}), ("reject", {"reason": "A plan is enough"})])
def test_who_has_decided_is_offered_the_next_one(client, shanghai, approver, button, fields):
    following, decided = (make_decision(account=make_overdue(territory=shanghai)) for _one in range(2))
    client.force_login(approver)
    client.cookies["django_language"] = "en"

    answer = client.post(reverse(f"admin:cases_decision_{button}", args=[decided.pk]), SUBMIT | fields, follow=True)

    assert (
        f'class="ds-next" rel="next" href="{page_of(following)}">Next one waiting for you: {following}'
        in answer.content.decode()
    )


def test_who_has_decided_the_last_one_is_told_so(client, account, approver):
    decision = make_decision(account=account, state="REJECTED")

    _answer, text = shown(client, approver, page_of(decision))

    assert "Nothing else waits for your approval." in text


def test_the_last_waiting_one_leads_nowhere(client, account, approver):
    answer, text = shown(client, approver, page_of(make_decision(account=account)))

    assert 'rel="next"' not in answer.content.decode()
    assert "Nothing else waits" not in text


def test_people_who_may_not_approve_see_no_queue_on_a_decision(client, shanghai, officer):
    first, _second = (make_decision(account=make_overdue(territory=shanghai)) for _one in range(2))

    answer, _text = shown(client, officer, page_of(first))

    assert "ds-queue" not in answer.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_waiting_and_three(client, shanghai, approver, settings, count):
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    decision, *_others = (make_decision(account=make_overdue(territory=shanghai)) for _one in range(2 + count))
    client.force_login(approver)
    # What Django keeps for the length of the process is read once.
    client.get(page_of(decision))

    with CaptureQueriesContext(connection) as queries:
        client.get(page_of(decision))

    assert len(queries) == PAGE_QUERIES, "\n".join(q["sql"][:150] for q in queries)


def test_the_last_day_stands_in_the_row(client, account, approver):
    make_decision(account=account, created_at=timezone.now() - timedelta(days=9))

    answer, _text = shown(client, approver, reverse(LIST), {"waiting": "mine"})

    assert "bg-red-100" in answer.content.decode().split("field-decide_by", 1)[1][:900]
