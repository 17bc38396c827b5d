"""Of the case file for a court: who owes, on what terms, what fell due, and what was paid."""

from collections.abc import Iterator
from typing import Final

from django.utils.translation import gettext as _

from cases.enums import RelatedRole
from cases.models import (
    Account,
    Address,
    BorrowerPhone,
    Decision,
    RelatedPerson,
    Repayment,
    ScheduledInstalment,
    Statement,
)
from reports.selectors.case_file import Section, amount_text, day_text

# Those who owe the debt too. Nobody else around a borrower stands in the papers.
OBLIGORS: Final = (RelatedRole.CO_BORROWER, RelatedRole.GUARANTOR)


def debt_sections(*, decision: Decision) -> list[Section]:
    """
    Return the tables of the debt in the active language. Six queries, for any number of rows.

    The borrower's identity is in clear, as a court needs it; `decision` has its account and borrower loaded.
    """
    account = decision.account
    return [
        Section(heading=_("Borrower"), rows=tuple(_borrower(decision))),
        Section(
            heading=_("Others who owe the debt"),
            header=(_("Role"), _("Name"), _("Identity number"), _("Since"), _("Until")),
            rows=tuple(_obligors(decision)),
        ),
        Section(heading=_("Account and terms"), rows=tuple(_account(account))),
        Section(
            heading=_("Arrears by statement"),
            header=(_("Month"), _("Due on"), _("Balance"), _("Due"), _("Paid"), _("Days past due")),
            rows=tuple(_statements(account)),
        ),
        Section(
            heading=_("Arrears by instalment"),
            header=(_("Due on"), _("Due"), _("Of this principal"), _("Paid"), _("Paid on"), _("Still to pay")),
            rows=tuple(_instalments(account)),
        ),
        Section(
            heading=_("Repayments"),
            header=(_("Day"), _("Reference"), _("Amount"), _("Taken back")),
            rows=tuple(_repayments(account)),
        ),
    ]


def _borrower(decision: Decision) -> Iterator[tuple[str, str]]:
    borrower = decision.borrower
    yield _("Name"), borrower.name
    document = borrower.get_id_document_display() if borrower.id_document else _("Identity number")
    yield document, borrower.id_number
    yield _("Number with the lender"), borrower.external_ref
    # A number that is somebody else's contact too is theirs; the court does not get it.
    others = RelatedPerson.objects.filter(borrower=borrower).exclude(role__in=OBLIGORS).exclude(number_index=b"")
    phones = BorrowerPhone.objects.filter(borrower=borrower).exclude(verdict="INVALID")
    for phone in phones.exclude(number_index__in=others.values("number_index")).order_by("pk"):
        yield _("Telephone"), phone.number
    for address in Address.objects.filter(borrower=borrower).exclude(verdict="INVALID").order_by("pk"):
        yield str(address.get_kind_display()), address.line


def _obligors(decision: Decision) -> Iterator[tuple[str, ...]]:
    for person in RelatedPerson.objects.filter(borrower=decision.borrower_id, role__in=OBLIGORS).order_by("pk"):
        role = str(person.get_role_display())
        yield role, person.name, person.id_number, day_text(person.since_on), day_text(person.ends_on)


def _account(account: Account) -> Iterator[tuple[str, str]]:
    currency = account.currency
    yield _("Account number"), account.external_ref
    yield _("Product"), str(account.get_product_display())
    yield _("Status"), str(account.get_status_display())
    yield _("Opened on"), day_text(account.opened_on)
    yield _("Currency"), currency
    yield _("Limit"), amount_text(account.credit_limit, currency)
    yield _("Annual rate"), f"{account.annual_rate * 100:.3f}%"
    yield _("Outstanding principal"), amount_text(account.outstanding_principal, currency)
    yield _("Arrears"), amount_text(account.arrears_amount, currency)
    yield _("Days past due"), str(account.days_past_due)
    yield _("As of"), day_text(account.as_of)


def _statements(account: Account) -> Iterator[tuple[str, ...]]:
    for row in Statement.objects.filter(account=account).order_by("period"):
        yield (
            f"{row.period:%Y-%m}",
            day_text(row.due_on),
            amount_text(row.balance, account.currency),
            amount_text(row.due_amount, account.currency),
            amount_text(row.paid_amount, account.currency),
            str(row.days_past_due),
        )


def _instalments(account: Account) -> Iterator[tuple[str, ...]]:
    for row in ScheduledInstalment.objects.filter(account=account).order_by("due_on", "pk"):
        amounts = (row.due_amount, row.principal, row.paid_amount, max(row.due_amount - row.paid_amount, 0))
        due, principal, paid, still_open = (amount_text(amount, account.currency) for amount in amounts)
        yield day_text(row.due_on), due, principal, paid, day_text(row.paid_on), still_open


def _repayments(account: Account) -> Iterator[tuple[str, ...]]:
    for row in Repayment.objects.filter(account=account).order_by("paid_on", "pk"):
        back = amount_text(row.reversed_amount, account.currency) if row.reversed_amount else ""
        yield day_text(row.paid_on), row.external_ref, amount_text(row.amount, account.currency), back
