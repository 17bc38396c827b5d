"""A person has paid once none of their borrowers owes anything; payments and plans are a borrower's own."""

from datetime import timedelta
from typing import Any

from cases.models import Repayment
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import TODAY, make_decision
from tests.factories.people import merged_by_number
from tests.factories.portfolio import make_overdue
from tests.factories.visits import AT
from visits.selectors.arrears import last_payments, protections_of_accounts
from visits.selectors.persons import people_of

BOOKED_AT = AT + timedelta(microseconds=1)


def pay(account: Any) -> None:
    Repayment.objects.create(
        account=account,
        external_ref=f"p-{account.pk}",
        amount=account.arrears_amount,
        paid_on=AT.date(),
        created_at=BOOKED_AT,
    )


def test_a_person_has_paid_once_no_borrower_of_theirs_owes(shanghai: Any, risk_manager: Any) -> None:
    accounts = [make_overdue(territory=shanghai) for _each in range(3)]
    merged_by_number(accounts[0].borrower, accounts[1].borrower, approver=risk_manager)
    ids = {account.borrower_id for account in accounts}

    def protected() -> dict[int, list[str]]:
        found = protections_of_accounts(ids=ids, people=people_of(borrowers=ids))
        return {borrower: [flag.kind for flag in flags] for borrower, flags in found.items()}

    pay(accounts[0])
    pay(accounts[2])
    assert protected() == {accounts[2].borrower_id: ["PAID"]}

    pay(accounts[1])
    assert protected() == {borrower: ["PAID"] for borrower in ids}


def test_the_last_payment_is_the_borrowers_own(shanghai: Any, risk_manager: Any) -> None:
    accounts = [make_overdue(territory=shanghai) for _each in range(2)]
    merged_by_number(accounts[0].borrower, accounts[1].borrower, approver=risk_manager)
    pay(accounts[0])

    found = last_payments(ids={account.borrower_id for account in accounts})

    assert found == {accounts[0].borrower_id: (BOOKED_AT, AT.date())}


def test_a_grace_protects_the_borrower_until_it_ends(shanghai: Any, approver: Any) -> None:
    account = make_overdue(territory=shanghai)
    ids = {account.borrower_id}

    def protected() -> list[str]:
        found = protections_of_accounts(ids=ids, people=people_of(borrowers=ids))
        return [flag.kind for flag in found[account.borrower_id]]

    decision = make_decision(account=account, kind="GRACE", expires_on=TODAY + timedelta(days=7))
    assert protected() == []
    approve_decision(decision=decision, actor=approver, at=AT)
    assert protected() == ["GRACE"]

    expire_decisions(business_date=TODAY + timedelta(days=8), at=AT)
    assert protected() == []
