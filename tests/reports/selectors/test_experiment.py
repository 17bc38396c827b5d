"""The arms of an experiment: what followed the draw, limited to what a person sees."""

from datetime import timedelta
from decimal import Decimal
from itertools import count

from cases.models import Complaint, Repayment
from reports.models import ExperimentArm
from reports.selectors.experiment import compare_arms
from tests.factories.casework import make_case
from tests.factories.portfolio import AT, TODAY, make_overdue, take_back

END = TODAY + timedelta(days=28)


numbers = count(1)


def compare(user, **fields):
    values = {"experiment": "visit-timing", "end_on": END, "currency": "CNY"} | fields
    return {result.arm: result for result in compare_arms(user=user, **values)}


def put(account, arm):
    return ExperimentArm.objects.create(experiment="visit-timing", borrower=account.borrower, arm=arm, drawn_on=TODAY)


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


def test_compare_arms_counts_what_is_left_on_the_last_day(risk_manager, shanghai):
    account = make_overdue(territory=shanghai)
    put(account, "CHAMPION")
    for ref, on in (("X1", END), ("X2", END + timedelta(days=1))):
        paid = Repayment.objects.create(account=account, external_ref=ref, amount=100, paid_on=TODAY, created_at=AT)
        take_back(repayment=paid, on=TODAY, amount=10)
        take_back(repayment=paid, on=on, amount=90)

    assert compare(risk_manager)["CHAMPION"].recovered == Decimal("90.00")


def test_compare_arms_counts_only_what_the_person_sees(officer, risk_manager, shanghai, chengdu):
    for territory in (shanghai, chengdu, chengdu):
        put(make_overdue(territory=territory), "CHAMPION")

    assert compare(officer)["CHAMPION"].borrowers == 1
    assert compare(risk_manager)["CHAMPION"].borrowers == 3
    assert compare(risk_manager, territory=chengdu)["CHAMPION"].borrowers == 2
    assert compare(risk_manager, end_on=TODAY - timedelta(days=1)) == {}
