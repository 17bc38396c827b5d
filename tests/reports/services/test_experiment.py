"""Drawing arms, and comparing them."""

from datetime import timedelta
from decimal import Decimal
from hashlib import md5
from itertools import count

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed
from cases.enums import FlagKind
from cases.models import BorrowerFlag, Complaint, Repayment
from reports.models import ExperimentArm
from reports.rules.experiment import interval
from reports.selectors.experiment import compare_arms
from reports.services.experiment import draw_arms
from tests.factories.casework import make_case
from tests.factories.portfolio import AT, TODAY, make_borrower, make_overdue

numbers = count(1)
END = TODAY + timedelta(days=28)


def draw(actor, **fields):
    values = {"experiment": "visit-timing", "business_date": TODAY, "at": AT, "actor": actor} | fields
    return draw_arms(**values)


def compare(user, **fields):
    values = {"experiment": "visit-timing", "end_on": END, "currency": "CNY"} | fields
    return {result.arm: result for result in compare_arms(user=user, **values)}


def put(account, arm):
    return ExperimentArm.objects.create(experiment="visit-timing", borrower=account.borrower, arm=arm, drawn_on=TODAY)


def expected_arm(borrower_id):
    part = int(md5(f"visit-timing:{borrower_id}".encode(), usedforsecurity=False).hexdigest()[:8], 16) / 2**32
    return "CHAMPION" if part < 0.8 else "CHALLENGER" if part < 0.9 else "HOLDOUT"


def test_draw_arms_follows_the_hash_of_the_borrower(risk_manager, shanghai):
    cases = [make_case(account=make_overdue(territory=shanghai)) for _case in range(60)]

    assert draw(risk_manager) == 60

    arms = dict(ExperimentArm.objects.values_list("borrower_id", "arm"))
    assert arms == {c.borrower_id: expected_arm(c.borrower_id) for c in cases}
    assert set(ExperimentArm.objects.values_list("drawn_on", flat=True)) == {TODAY}


def test_draw_arms_again_changes_nobody_and_adds_the_new(risk_manager, shanghai):
    make_case(account=make_overdue(territory=shanghai))
    draw(risk_manager)
    before = list(ExperimentArm.objects.values())
    assert draw(risk_manager, business_date=END) == 0
    make_case(account=make_overdue(territory=shanghai))

    assert draw(risk_manager, business_date=END) == 1

    assert list(ExperimentArm.objects.order_by("pk").values())[:1] == before
    assert AuditEntry.objects.filter(action="experiment.drawn").count() == 2


@pytest.mark.parametrize("kind", FlagKind.values)
@pytest.mark.parametrize("cleared_at", [None, AT])
def test_draw_arms_leaves_out_whoever_ever_had_a_circumstance(risk_manager, shanghai, kind, cleared_at):
    account = make_overdue(territory=shanghai)
    make_case(account=account)
    BorrowerFlag.objects.create(
        borrower=account.borrower, kind=kind, source="CALL", set_at=AT - timedelta(days=400), cleared_at=cleared_at
    )

    assert draw(risk_manager) == 0


def test_draw_arms_leaves_out_whoever_has_no_open_case(risk_manager, shanghai):
    make_borrower(territory=shanghai)
    make_case(account=make_overdue(territory=shanghai), stage="CLOSED", closed_on=TODAY, close_reason="CURED")

    assert draw(risk_manager) == 0
    assert AuditEntry.objects.count() == 0


def test_draw_arms_is_the_risk_managers(officer, approver, auditor, shanghai):
    make_case(account=make_overdue(territory=shanghai))

    for actor in (officer, approver, auditor, None):
        with pytest.raises(NotAllowed):
            draw(actor)
    assert ExperimentArm.objects.count() == 0


@pytest.mark.parametrize("experiment", ["rate", "", "visit-timing "])
def test_draw_arms_knows_a_closed_list_of_experiments(risk_manager, experiment):
    with pytest.raises(InvalidInput):
        draw(risk_manager, experiment=experiment)


@pytest.mark.parametrize("item_count", [1, 3])
def test_draw_arms_costs_the_same_for_one_borrower_and_three(
    item_count, risk_manager, shanghai, django_assert_num_queries
):
    for _case in range(item_count):
        make_case(account=make_overdue(territory=shanghai))

    # Savepoint and its release; the draw; the trail's head, entry and new head.
    with django_assert_num_queries(6):
        assert draw(risk_manager) == item_count


def test_compare_arms_counts_what_followed_the_draw(risk_manager, shanghai, django_assert_num_queries):
    cured, paying, silent, other = (make_overdue(territory=shanghai) for _one in range(4))
    for account, arm in ((cured, "CHAMPION"), (paying, "CHAMPION"), (silent, "CHAMPION"), (other, "HOLDOUT")):
        put(account, arm)
    make_case(account=cured, stage="CLOSED", opened_on=TODAY, closed_on=END, close_reason="CURED")
    make_case(account=silent, stage="CLOSED", opened_on=TODAY, closed_on=END, close_reason="LEGAL")
    for account, amount, day in (
        (cured, "900", TODAY),
        (paying, "100", END),
        (paying, "5000", TODAY - timedelta(days=1)),
        (paying, "7000", END + timedelta(days=1)),
    ):
        Repayment.objects.create(
            account=account, external_ref=f"X{next(numbers)}", amount=Decimal(amount), paid_on=day, created_at=AT
        )
    for borrower, kind, moment in (
        (silent.borrower, "COMPLAINT", AT),
        (silent.borrower, "DISPUTE", AT),
        (paying.borrower, "EXPLANATION", AT),
        (cured.borrower, "COMPLAINT", AT - timedelta(days=3)),
    ):
        Complaint.objects.create(
            borrower=borrower,
            kind=kind,
            subject="x",
            received_at=moment,
            answer_due_on=END,
            created_at=AT,
            updated_at=AT,
        )

    with django_assert_num_queries(1):
        results = compare(risk_manager)

    assert list(results) == ["CHAMPION", "HOLDOUT"]
    champion = results["CHAMPION"]
    assert (champion.borrowers, champion.cured, champion.complained) == (3, 1, 1)
    assert (champion.recovered, champion.recovered_each) == (Decimal("1000.00"), Decimal("333.33"))
    assert (results["HOLDOUT"].borrowers, results["HOLDOUT"].recovered_each) == (1, Decimal("0.00"))


def test_compare_arms_counts_only_what_the_person_sees(officer, risk_manager, shanghai, chengdu):
    for territory in (shanghai, chengdu, chengdu):
        put(make_overdue(territory=territory), "CHAMPION")

    assert compare(officer)["CHAMPION"].borrowers == 1
    assert compare(risk_manager)["CHAMPION"].borrowers == 3
    assert compare(risk_manager, territory=chengdu)["CHAMPION"].borrowers == 2
    assert compare(risk_manager, end_on=TODAY - timedelta(days=1)) == {}


def test_interval_agrees_with_published_values():
    # Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29 by the score method without correction.
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }

    for (part, whole), (low, high) in published.items():
        assert interval(part=part, whole=whole) == pytest.approx((low, high), abs=0.00006)
    assert interval(part=0, whole=0) is None
