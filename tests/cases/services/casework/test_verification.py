"""Facts recorded once, the case moved on, and a proposal before a person."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import Decision, VerifiedFact
from cases.rules.standing import cut_limit
from cases.selectors.casework.plan_schedules import plan_schedule
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from tests.factories.casework import AT, HARDSHIP, PARTLY, TODAY, WILFUL, fact, make_case, verify
from tests.factories.policy import make_version
from tests.factories.portfolio import make_account, make_overdue
from tests.factories.proposals import asked, rest, row, taking


def test_record_verification_writes_four_sections_with_their_own_ends(shanghai):
    case = make_case(account=make_overdue(territory=shanghai))

    verification = verify(case=case, facts=PARTLY)

    facts = dict(VerifiedFact.objects.values_list("section", "expires_on"))
    assert facts == {
        "IDENTITY": TODAY + timedelta(days=365),
        "RESIDENCE": TODAY + timedelta(days=180),
        "CAPACITY": TODAY + timedelta(days=90),
        "CAUSE": TODAY + timedelta(days=90),
    }
    assert verification.facts.get(section="RESIDENCE").verdict == "NOT_ESTABLISHED"


def test_record_verification_moves_the_case_and_clears_the_wish_for_a_visit(shanghai):
    case = make_case(account=make_overdue(territory=shanghai), stage="VISITING", needs_visit_by=TODAY)

    verify(case=case)

    case.refresh_from_db()
    assert (case.stage, case.needs_visit_by) == ("DECIDED", None)
    assert list(case.events.values_list("kind", flat=True)) == ["VERIFICATION"]


def test_record_verification_proposes_for_each_overdue_account(shanghai):
    worst = make_overdue(territory=shanghai)
    make_account(borrower=worst.borrower, days_past_due=5, arrears_amount=Decimal("100"))
    make_account(borrower=worst.borrower)

    verification = verify(case=make_case(account=worst), facts=HARDSHIP)

    kinds = verification.decisions.order_by("pk").values_list("kind", "state", "origin")
    assert list(kinds) == [("SPECIAL_CARE", "PROPOSED", "VERIFICATION")] * 2


def test_record_verification_of_a_wilful_debtor_proposes_two_adverse_decisions_with_end_and_way_back(shanghai):
    verification = verify(case=make_case(account=make_overdue(territory=shanghai)), facts=WILFUL)

    for decision in verification.decisions.all():
        assert decision.expires_on == TODAY + timedelta(days=180)
        assert decision.terms["way_back"]
    assert set(verification.decisions.values_list("kind", flat=True)) == {"LEGAL", "FREEZE"}


def test_record_verification_with_nothing_established_proposes_nothing(shanghai):
    case = make_case(account=make_overdue(territory=shanghai))

    verify(case=case, facts=(), findings=["F20"], right_party_met=False, cooperative=False)

    case.refresh_from_db()
    assert case.stage == "VERIFIED"
    assert Decision.objects.count() == 0


def test_record_verification_supersedes_a_proposal_that_nobody_approved(shanghai):
    case = make_case(account=make_overdue(territory=shanghai))
    first = verify(case=case, facts=WILFUL)

    second = verify(case=case, facts=PARTLY)

    assert set(first.decisions.values_list("state", flat=True)) == {"REJECTED"}
    assert list(second.decisions.values_list("kind", "state")) == [("PLAN", "PROPOSED")]


def test_record_verification_twice_from_one_source_is_a_conflict(shanghai):
    case = make_case(account=make_overdue(territory=shanghai))
    verify(case=case, source_ref="V1")

    with pytest.raises(StateConflict):
        verify(case=case, source_ref="V1")


def test_record_verification_keeps_a_hold(shanghai):
    case = make_case(account=make_overdue(territory=shanghai), stage="ON_HOLD", held_until=TODAY)

    verify(case=case)

    case.refresh_from_db()
    assert case.stage == "ON_HOLD"


def test_record_verification_of_a_closed_case_records_facts_only(shanghai):
    case = make_case(account=make_overdue(territory=shanghai), stage="CLOSED", closed_on=TODAY, close_reason="CURED")

    verification = verify(case=case)

    case.refresh_from_db()
    assert (case.stage, verification.facts.count(), Decision.objects.count()) == ("CLOSED", 4, 0)


def test_record_verification_at_the_desk_names_the_officer_as_proposer(shanghai, officer):
    case = make_case(account=make_overdue(territory=shanghai))

    verification = verify(case=case, source="DESK", source_ref="REC-1", actor=officer)

    assert verification.decisions.get().proposed_by == officer


def test_record_verification_at_the_desk_needs_the_permission(shanghai, dispatcher):
    case = make_case(account=make_overdue(territory=shanghai))

    with pytest.raises(NotAllowed):
        verify(case=case, source="DESK", source_ref="REC-1", actor=dispatcher)

    assert VerifiedFact.objects.count() == 0


@pytest.mark.parametrize(
    ("facts", "fields"),
    [
        ((fact("IDENTITY", "WILFUL"),), {}),
        ((fact("CAUSE", "WILFUL"), fact("CAUSE", "TEMPORARY")), {}),
        ((fact("CAUSE", "WILFUL", confidence="1.01"),), {}),
        ((), {"source_ref": " "}),
        ((), {"verified_on": date(2026, 3, 3)}),
    ],
)
def test_record_verification_refuses_what_does_not_fit(shanghai, facts, fields):
    case = make_case(account=make_overdue(territory=shanghai))

    with pytest.raises(InvalidInput):
        verify(case=case, facts=facts, **fields)


def test_record_verification_costs_the_same_for_one_and_three_accounts(shanghai, django_assert_num_queries):
    one = make_case(account=make_overdue(territory=shanghai))
    account = make_overdue(territory=shanghai)
    for _number in range(2):
        make_account(borrower=account.borrower, days_past_due=40, arrears_amount=Decimal("500"))
    three = make_case(account=account)

    for case in (one, three):
        # savepoint and release, the case's lock, seen before, verification, facts, signals that it answers, accounts,
        # superseding, pending, what stands (2), policy version, means of an earlier plan, holidays, decisions, two stages, event, who is due, and three of the audit
        with django_assert_num_queries(22):
            verify(case=case, at=AT)


def test_record_verification_proposes_nothing_that_an_upheld_appeal_bars(shanghai, officer, person):
    account = make_overdue(territory=shanghai)
    case = make_case(account=account)
    verify(case=case, facts=WILFUL)
    legal = Decision.objects.get(kind="LEGAL")
    appeal = receive_complaint(
        borrower=account.borrower, kind="APPEAL", decision=legal, subject="Wrong", actor=officer, at=AT
    )
    answer_complaint(complaint=appeal, upheld=True, answer="You are right", actor=person("APPROVER"), at=AT)

    again = verify(case=case, facts=WILFUL)

    # The appeal was against the legal route; the freeze rests on a right of its own.
    assert list(again.decisions.values_list("kind", flat=True)) == ["FREEZE"]
    later = AT + timedelta(days=181)
    late = verify(case=case, facts=WILFUL, at=later, verified_on=TODAY + timedelta(days=181))
    assert set(late.decisions.values_list("kind", flat=True)) == {"LEGAL", "FREEZE"}


def test_what_is_taken_from_who_withheld_payment_on_purpose_takes_two_people(shanghai):
    verification = verify(case=make_case(account=make_overdue(territory=shanghai)), facts=WILFUL)

    assert dict(verification.decisions.values_list("kind", "approvals_needed")) == {"LEGAL": 2, "FREEZE": 2}


def test_the_table_of_the_cases_policy_version_decides(shanghai):
    rows = [
        row("ABLE", asked("capacity", "ABLE"), reasons=["PARTLY_ABLE"], decisions=[{"kind": "PLAN", "instalments": 9}])
    ]
    own = make_version(proposals=[*rows, rest()], parameters={"plan_offer_days": 10, "plan_first_share": "0"})
    make_version(number=2, state="DRAFT")

    verification = verify(case=make_case(account=make_overdue(territory=shanghai), policy_version=own), facts=WILFUL)

    (decision,) = verification.decisions.all()
    assert (decision.kind, decision.policy_version_id) == ("PLAN", own.pk)
    assert (decision.terms["instalments"], decision.terms["first_share"]) == (9, "0.00")
    assert decision.expires_on == TODAY + timedelta(days=10)


def test_a_table_asks_for_surer_facts_than_the_house(shanghai):
    own = make_version(parameters={"firm_confidence": "0.95"})
    surely = [fact(each.section, each.verdict, confidence="0.95") for each in WILFUL]

    kinds = [
        set(
            verify(
                case=make_case(account=make_overdue(territory=shanghai), policy_version=own), facts=facts
            ).decisions.values_list("kind", flat=True)
        )
        for facts in (WILFUL, surely)
    ]

    assert kinds == [set(), {"LEGAL", "FREEZE"}]


def test_a_cut_from_a_verification_says_the_limit_before_and_takes_two_people(shanghai):
    own = make_version(proposals=[taking(kind="LIMIT_CUT"), rest()])
    account = make_overdue(territory=shanghai)

    verification = verify(case=make_case(account=account, policy_version=own), facts=WILFUL)

    (decision,) = verification.decisions.all()
    assert decision.terms == {
        "before": f"{account.credit_limit:.2f}",
        "limit": f"{cut_limit(limit=account.credit_limit, percent=Decimal(20)):.2f}",
        "way_back": "PAY_THE_ARREARS",
    }
    assert decision.approvals_needed == 2


def test_a_plan_from_a_verification_names_the_rate_that_it_has_under_the_cap(shanghai):
    account = make_overdue(territory=shanghai, annual_rate=Decimal("0.24"))

    verify(case=make_case(account=account), facts=PARTLY)

    decision = Decision.objects.get(kind="PLAN")
    named = decision.terms["annual_rate"]
    # 24 % nominal would be more than 24 % on the days of payment.
    assert Decimal(named) < Decimal("0.22")
    schedule = plan_schedule(account=account, terms=decision.terms, starts_on=TODAY)
    assert f"{schedule.annual_rate:.5f}" == named
