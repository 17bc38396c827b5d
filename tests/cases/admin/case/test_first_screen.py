"""The first screen of a case's page: facts, proposals, alternatives, what stands, letters; for whom, and at what cost."""

import json
import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from cases.admin.case.first_screen import first_screen
from cases.models import Account, Decision, DecisionLetter, RepaymentPlan
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plans import agree_plan
from tests.factories.casework import AT, TODAY, fact, make_case, make_decision, verify
from tests.factories.portfolio import make_account, make_borrower, make_overdue

# Everything that the page of a case reads for an approver, the menu apart.
PAGE_QUERIES = 46


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


@pytest.fixture
def case(account):
    return make_case(account=account, stage="IN_WORK")


def words(client, user, case):
    client.force_login(user)
    client.cookies["django_language"] = "en"
    answer = client.get(reverse("admin:cases_case_change", args=[case.pk]))
    assert answer.status_code == 200
    html = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_who_how_much_and_how_late(client, case, officer):
    shown = words(client, officer, case)

    for text in (
        case.borrower.masked_name,
        "Arrears in all CNY 32,000.00 95 days past due",
        "Circumstances None known.",
    ):
        assert text in shown, text


def test_facts_say_section_verdict_certainty_source_and_day(client, case, officer):
    verify(case=case, facts=(fact("IDENTITY", "CONFIRMED"), fact("CAPACITY", "PARTLY_ABLE", confidence="0.60")))

    shown = words(client, officer, case)

    assert "Identity Confirmed Firm, with evidence Visit March 2, 2026" in shown
    assert "Repayment capacity Able to pay in part Likely Visit March 2, 2026" in shown
    assert "90%" not in shown


def test_a_fact_past_its_last_day_says_so(client, case, officer):
    verify(case=case, facts=(fact("CAPACITY", "ABLE"),))

    # Today is far after the last day of what was verified in March.
    assert "no longer counts, last day May 31, 2026" in words(client, officer, case)


def test_a_proposal_says_what_changes_why_who_approves_and_until_when(client, case, account, approver):
    decision = make_decision(account=account, kind="FREEZE", case=case, created_at=timezone.now())

    shown = words(client, approver, case)

    day = timezone.localdate() + timedelta(days=5)
    assert f"{decision} Freeze the limit {account.external_ref} Approve Reject Status: Active → Frozen" in shown
    assert "0 of 1 approved · an approver decides, not who proposed it · decide by" in shown
    assert str(day.year) in shown.split("decide by", 1)[1][:20]


def test_what_stands_against_a_proposal_is_said(client, case, account, approver):
    make_decision(account=account, kind="RATE_REDUCTION", case=case)

    assert "The account is overdue; a reward needs an account with nothing due." in words(client, approver, case)


@pytest.mark.parametrize(
    ("fields", "turn"),
    [
        ({}, "an approver decides, not who proposed it"),
        ({"proposed_by": "approver"}, "another person approves it, because you proposed it"),
        ({"approved_by": "approver", "approved_at": AT, "approvals_needed": 2}, "you gave the first approval"),
        ({"approved_by": "second", "approved_at": AT, "approvals_needed": 2}, "a second approver decides"),
    ],
)
def test_whose_turn_it_is_and_who_has_the_buttons(case, account, approver, person, fields, turn):
    people = {"approver": approver, "second": person("APPROVER", name="second")}
    make_decision(account=account, kind="FREEZE", case=case, **{k: people.get(v, v) for k, v in fields.items()})

    (proposal,) = first_screen(case=case, user=approver, accounts=[account], on=TODAY)["proposals"]

    with translation.override("en"):
        assert turn in str(proposal.whose_turn)
    mine = turn in ("an approver decides, not who proposed it", "a second approver decides")
    assert [str(press["variant"]) for press in proposal.buttons] == (["primary", "default"] if mine else [])


def test_an_officer_proposes_an_alternative_and_the_dialog_knows_which(client, case, account, officer):
    make_decision(account=account, kind="FREEZE", case=case)

    others = first_screen(case=case, user=officer, accounts=[account], on=TODAY)["alternatives"]
    client.force_login(officer)
    page = client.get(reverse("admin:cases_case_change", args=[case.pk])).content.decode()
    dialog = client.get(others[0]["attrs"]["hx-get"]).content.decode()

    assert [str(other["tone"]) for other in others] == ["info", "info", "info", "info", "danger"]
    assert others[2]["page"] == reverse("admin:cases_case_propose_plan", args=[case.pk])
    assert others[0]["attrs"]["hx-get"].replace("&", "&amp;") in page
    assert '<option value="GRACE" selected' in dialog
    assert f'<option value="{account.pk}" selected' in dialog


def test_who_may_not_propose_sees_alternatives_without_buttons(case, account, auditor):
    others = first_screen(case=case, user=auditor, accounts=[account], on=TODAY)["alternatives"]

    assert others
    assert [other for other in others if "attrs" in other or "page" in other] == []


def test_a_closed_case_offers_no_alternative(account, officer):
    closed = make_case(account=account, stage="CLOSED", closed_on=TODAY, close_reason="CURED")

    assert first_screen(case=closed, user=officer, accounts=[account], on=TODAY)["alternatives"] == []


def test_what_stands_the_next_instalment_and_letters(client, case, account, approver, officer):
    for kind in ("LIMIT_CUT", "PLAN"):
        approve_decision(decision=make_decision(account=account, kind=kind), actor=approver, at=AT, note="Read")
    plan = Decision.objects.get(kind="PLAN").plan
    agree_plan(plan=plan, agreement_ref="REC-1", actor=officer, at=AT)
    DecisionLetter.objects.filter(decision__kind="LIMIT_CUT").update(state="RETURNED")

    shown = words(client, officer, case)

    first = plan.instalments.order_by("number").first()
    assert "Limit: CNY 60,000.00 → CNY 30,000.00" in shown
    assert "Collection: Normal collection → On a repayment plan" in shown
    assert f"0 of {plan.instalments.count()} instalments paid Next instalment: CNY {first.amount:,.2f}" in shown
    assert "Came back did not arrive" in shown


def test_proposals_say_what_could_still_be_drawn_and_draw_the_plan(client, case, account, approver):
    Account.objects.filter(pk=account.pk).update(credit_limit=60_000, outstanding_principal=45_000)
    cut = {"before": "60000.00", "limit": "50000.00", "way_back": "PAY_THE_ARREARS"}
    make_decision(account=account, kind="LIMIT_CUT", case=case, terms=cut)
    make_decision(account=account, kind="PLAN", case=case)
    make_decision(account=account, kind="GRACE", case=case)

    shown = words(client, approver, case)

    assert shown.count("Could still be drawn") == 1
    assert "Could still be drawn: CNY 15,000.00 → CNY 5,000.00" in shown
    page = client.get(reverse("admin:cases_case_change", args=[case.pk])).context["page"]
    charts = [getattr(row, "chart", None) for row in page["proposals"]]
    assert [chart is not None for chart in charts] == [row.kind == "PLAN" for row in page["proposals"]]
    drawn = json.loads(next(chart for chart in charts if chart)["data"])
    assert len(drawn["labels"]) == 24
    assert [each["label"] for each in drawn["datasets"]] == ["Principal", "Interest"]


def test_a_running_plan_draws_what_was_paid(client, case, account, approver):
    approve_decision(decision=make_decision(account=account, kind="PLAN"), actor=approver, at=AT)
    first = RepaymentPlan.objects.get().instalments.order_by("number").first()
    first.paid_on = TODAY
    first.save()
    client.force_login(approver)

    page = client.get(reverse("admin:cases_case_change", args=[case.pk])).context["page"]

    paid, open_ones = json.loads(page["plans"][0].plan.chart["data"])["datasets"]
    assert [amount is not None for amount in paid["data"]][:2] == [True, False]
    assert [amount is not None for amount in open_ones["data"]][:2] == [False, True]


def test_decided_ones_stand_below_and_not_twice(client, case, account, approver):
    done = make_decision(account=account, kind="GRACE", state="REJECTED")
    waits = make_decision(account=account, kind="FREEZE")

    shown = words(client, approver, case)

    assert shown.index(str(waits)) < shown.index("Account Product") < shown.index(f"{done} Grace")
    assert shown.count(str(waits)) == 1


def test_a_role_without_decisions_has_no_such_panels(case, account, person):
    crew = person("ADMINISTRATOR", name="admin")

    assert first_screen(case=case, user=crew, accounts=[account], on=TODAY) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_row_and_three(client, shanghai, approver, officer, settings, count):
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    borrower = make_borrower(territory=shanghai)
    accounts: list[Account] = [
        make_account(borrower=borrower, days_past_due=95, arrears_amount=Decimal(32000)) for _one in range(count)
    ]
    case = make_case(account=accounts[0], stage="IN_WORK")
    for number, account in enumerate(accounts):
        verify(case=case, facts=(fact("IDENTITY", "CONFIRMED"),), verified_on=TODAY - timedelta(days=number))
        for kind in ("LIMIT_CUT", "PLAN"):
            approve_decision(decision=make_decision(account=account, kind=kind), actor=approver, at=AT, note="Read")
        make_decision(account=account, kind="GRACE", case=case)
    client.force_login(approver)
    # What Django keeps for the length of the process is read once.
    client.get(reverse("admin:cases_case_change", args=[case.pk]))

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(reverse("admin:cases_case_change", args=[case.pk]))

    page = answer.context["page"]
    assert [len(page[name]) for name in ("proposals", "plans", "standing")] == [count, count, count]
    assert len(queries) == PAGE_QUERIES, "\n".join(q["sql"][:150] for q in queries)
