"""A statement as a file for the lender's payments and the agency's books."""

from django.utils.translation import gettext as _

from backoffice.core.csv_cells import BOM, csv_line
from visits.models import AgencyStatement, StatementLine, VisitOrder
from visits.selectors.statements import basis_totals, grand_totals

# Rows fetched from the database at a time.
BATCH = 1000


def statement_csv(*, statement: AgencyStatement) -> bytes:
    """
    Return the statement as CSV (UTF-8 with a mark): who and which month, a line for each part of a visit, then the sums.

    It names visit orders by number and nobody by name. With four queries at most.
    """
    agency = statement.agency
    month, state = f"{statement.month:%Y-%m}", str(statement.get_state_display())
    totals = basis_totals(statement=statement)
    out = [
        csv_line((str(statement), agency.code, agency.name, month, state)),
        csv_line((_("Visit order"), _("Day of the visit"), _("Paid for"), _("Amount"), _("Currency"), _("State"))),
    ]
    lines = StatementLine.objects.filter(statement=statement).order_by("done_on", "order", "basis")
    out += [
        csv_line(
            (
                str(VisitOrder(pk=line.order_id)),
                line.done_on.isoformat(),
                str(line.get_basis_display()),
                f"{line.amount:.2f}",
                line.currency,
                str(line.get_state_display()),
            )
        )
        for line in lines.iterator(chunk_size=BATCH)
    ]
    out += [csv_line((_("Sum"), "", total.label, f"{total.amount:.2f}", total.currency, "")) for total in totals]
    out += [
        csv_line((_("Total"), "", "", f"{amount:.2f}", currency, ""))
        for currency, amount in grand_totals(totals=totals).items()
    ]
    return (BOM + "".join(out)).encode()
