"""What must hold before an approval, the first of two, and a bulk approval that says what it passed over."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict
from cases.models import Account, Decision, DecisionLetter, TermsChange
from cases.services.casework.circumstances import protect
from cases.services.decisions.approvals import approvals_for_own_proposal, must_still_be_true
from cases.services.decisions.lifecycle import approve_decision, approve_decisions, reject_decision
from cases.services.decisions.plans import agree_plan
from tests.clear_text import tables_with
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_account, make_borrower, make_overdue
from tests.factories.standing import make_good


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


@pytest.fixture
def second(person):
    return person("APPROVER", name="second")


def approve(decision, actor, **fields):
    return approve_decision(decision=decision, actor=actor, at=AT, **{"note": "Evidence read"} | fields)


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("LIMIT_CUT", {"credit_limit": Decimal(20000)}),
        ("LIMIT_INCREASE", {"credit_limit": Decimal(80000)}),
        ("RATE_REDUCTION", {"annual_rate": Decimal("0.10")}),
        ("LIMIT_INCREASE", {"days_past_due": 95, "arrears_amount": Decimal(32000)}),
        ("RATE_REDUCTION", {"days_past_due": 95, "arrears_amount": Decimal(32000)}),
        ("LIMIT_CUT", {"days_past_due": 0, "arrears_amount": Decimal(0)}),
        ("FREEZE", {"status": "CLOSED"}),
    ],
)
def test_an_approval_from_a_stale_page_changes_nothing_once_the_account_has_changed(shanghai, approver, kind, changed):
    account = make_overdue(territory=shanghai) if kind in ("LIMIT_CUT", "FREEZE") else make_good(shanghai)
    stale = make_decision(account=account, kind=kind)
    Account.objects.filter(pk=account.pk).update(**changed)

    with pytest.raises(StateConflict):
        approve(stale, approver)

    assert (Decision.objects.get().state, TermsChange.objects.count()) == ("PROPOSED", 0)


@pytest.mark.parametrize("kind", ["LEGAL", "FREEZE", "LIMIT_CUT"])
def test_nothing_is_taken_while_grace_stands_or_a_plan_is_kept(account, officer, approver, kind):
    approve(make_decision(account=account, kind="GRACE"), approver)
    decision = make_decision(account=account, kind=kind)
    with pytest.raises(StateConflict):
        approve(decision, approver)
    Decision.objects.filter(kind="GRACE").update(state="EXPIRED")
    approve(make_decision(account=account, kind="PLAN"), approver)
    agree_plan(plan=account.plans.get(), agreement_ref="REC-1", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        approve(decision, approver)

    account.plans.update(state="BROKEN")
    approve(decision, approver)
    assert decision.state == "APPROVED"


def test_must_still_be_true_needs_a_note_against_the_borrower_only(account, approver):
    freeze, grace = make_decision(account=account, kind="FREEZE"), make_decision(account=account)

    with pytest.raises(InvalidInput) as refused:
        must_still_be_true(decision=freeze, actor=approver, note=" ", at=AT)
    judged = must_still_be_true(decision=grace, actor=approver, note="", at=AT)

    assert (refused.value.field, judged.refusals, judged.approvals_needed) == ("note", (), 1)


def test_a_circumstance_of_the_person_protects_all_their_borrowers(account, approver):
    protect(borrower=account.borrower, kind="BEREAVED", source="CALL", actor=None, at=AT)

    with pytest.raises(StateConflict):
        approve(make_decision(account=account, kind="FREEZE"), approver)


def test_the_first_of_two_approvals_changes_nothing_yet(account, approver, second):
    decision = make_decision(account=account, kind="LEGAL", reasons=["WILFUL_WITH_EVIDENCE"])

    approve(decision, approver, note="Pay slips read")

    decision.refresh_from_db()
    assert (decision.state, decision.approvals_given, decision.approvals_needed) == ("PROPOSED", 1, 2)
    assert TermsChange.objects.count() == 0

    approve(decision, second, note="Seen as well")

    decision.refresh_from_db()
    assert (decision.state, decision.approved_by, decision.second_approved_by) == ("APPROVED", approver, second)
    assert (decision.approval_note, decision.second_note) == ("Pay slips read", "Seen as well")
    assert (decision.approved_at, decision.second_approved_at, TermsChange.objects.count()) == (AT, AT, 1)
    assert tables_with("Pay slips read") == tables_with("Seen as well") == []
    trail = list(AuditEntry.objects.order_by("pk").values_list("action", "actor_id"))
    assert trail == [("decision.approved_first", approver.pk), ("decision.approved", second.pk)]


def test_nobody_gives_both_approvals_nor_approves_their_own(account, officer, approver, second):
    decision = make_decision(account=account, kind="FREEZE", approvals_needed=2, proposed_by=second)
    stale = Decision.objects.get(pk=decision.pk)
    approve(decision, approver)

    for page, who in ((decision, approver), (stale, approver), (decision, second)):
        with pytest.raises(SelfApproval):
            approve(page, who)

    assert Decision.objects.get().state == "PROPOSED"


def test_each_of_two_approvals_asks_anew_whether_the_decision_fits(account, approver, second):
    decision = make_decision(account=account, kind="LEGAL", approvals_needed=2)
    approve(decision, approver)
    Account.objects.update(days_past_due=0, arrears_amount=Decimal(0))

    with pytest.raises(StateConflict):
        approve(decision, second)

    reject_decision(decision=decision, reason="Paid", actor=second, at=AT)
    assert Decision.objects.get().state == "REJECTED"


def test_bulk_approval_passes_over_what_no_longer_fits_and_says_why(shanghai, officer, approver):
    good, late, other = make_good(shanghai), make_good(shanghai), make_good(shanghai)
    fits = make_decision(account=good, kind="LIMIT_INCREASE")
    for account in (late, other):
        make_decision(account=account, kind="LIMIT_INCREASE")
    make_decision(
        account=good,
        kind="RATE_REDUCTION",
        origin="OFFICER",
        terms={"before": "0.18000", "rate": "0.16000"},
        proposed_by=officer,
    )
    Account.objects.filter(pk__in=[late.pk, other.pk]).update(days_past_due=95, arrears_amount=Decimal(900))

    done = approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT)

    assert done.approved == 1
    assert {refusal.code: number for refusal, number in done.passed_over} == {"OVERDUE": 2, "TWO_PEOPLE": 1}
    assert list(Decision.objects.filter(state="APPROVED")) == [fits]
    body = AuditEntry.objects.get(action="decision.approved_many").body
    assert (body["decisions"], body["passed_over"]) == ([fits.pk], {"OVERDUE": 2, "TWO_PEOPLE": 1})


def test_approvals_for_own_proposal_are_two_for_much(shanghai):
    account = make_account(borrower=make_borrower(territory=shanghai))
    given = {"kind": "LIMIT_INCREASE", "account": account, "body": {}, "at": AT}

    few = approvals_for_own_proposal(terms={"limit": "66000.00"}, **given)
    many = approvals_for_own_proposal(terms={"limit": "72000.00"}, **given)
    with pytest.raises(InvalidInput) as refused:
        approvals_for_own_proposal(terms={"limit": "72000.01"}, **given)

    assert (few, many, refused.value.field) == (1, 2, "amount")


def test_an_approval_locks_the_person_before_the_account(account, approver):
    """A circumstance that is noted meanwhile waits for the approval, or the approval sees it (docs/adr/0024)."""
    decision = make_decision(account=account, kind="FREEZE")

    with CaptureQueriesContext(connection) as asked:
        approve(decision, approver)

    locks = [query["sql"].replace('"', "") for query in asked if "FOR NO KEY UPDATE" in query["sql"]]
    tables = [sql.split("FROM ")[1].split()[0] for sql in locks]
    assert tables[:4] == ["cases_borrower", "cases_case", "cases_account", "cases_decision"]


def test_many_stops_of_drawing_are_approved_at_once_with_a_reason(shanghai, approver):
    of_the_job = make_decision(account=make_overdue(territory=shanghai, days=1), kind="FREEZE", origin="STANDING")
    of_a_visit = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", origin="VERIFICATION")
    with override("en"), pytest.raises(InvalidInput, match="Say why"):
        approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT, note=" ")

    done = approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT, note="Overdue today")

    of_the_job.refresh_from_db()
    of_a_visit.refresh_from_db()
    assert (done.approved, of_the_job.state, of_a_visit.state) == (1, "APPROVED", "PROPOSED")
    assert TermsChange.objects.get().after == "FROZEN"
    assert DecisionLetter.objects.get().decision_id == of_the_job.pk
