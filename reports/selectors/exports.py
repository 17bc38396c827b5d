"""The tables of the export files: a header and rows of text, from what the requester may see."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from backoffice.access.models import Territory
from cases.enums import Channel
from cases.models import Case
from reports.enums import ExportReport
from reports.selectors.effectiveness import channel_effect
from reports.selectors.funnel import funnel

# Rows fetched from the database at a time.
BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The header and the rows of a file; the rows are read from the database while the file is written."""

    header: tuple[str, ...]
    rows: Iterator[tuple[str, ...]]


def export_table(*, report: str, parameters: Mapping[str, str], user: Any) -> Table:
    """
    Return the table of `report` for the `parameters` kept on the export, with the rows that `user` may see now.

    A territory that the user no longer sees has no rows. Names are masked; identity numbers, telephone numbers and
    addresses are in no report.
    """
    chosen: dict[str, Any] = {
        name: date.fromisoformat(parameters[name]) for name in ("start_on", "end_on") if name in parameters
    }
    if "currency" in parameters:
        chosen["currency"] = parameters["currency"]
    if "territory" in parameters:
        # Not limited by visible_to: a territory that is no longer visible must give no rows, not the rows of all.
        chosen["territory"] = Territory.objects.get(code=parameters["territory"])
    return _WRITERS[report](user=user, **chosen)


def _effectiveness(*, user: Any, **chosen: Any) -> Table:
    header = (
        _("Channel"),
        _("Currency"),
        _("Attempts"),
        _("Borrower reached"),
        _("Promises"),
        _("Promises due"),
        _("Promises kept"),
        _("Repayments"),
        _("Recovered"),
        _("Cost"),
    )
    rows = (
        (
            str(Channel(e.channel).label),
            e.currency,
            str(e.attempts),
            str(e.right_party),
            str(e.promises),
            str(e.promises_due),
            str(e.promises_kept),
            str(e.repayments),
            f"{e.recovered:.2f}",
            f"{e.cost:.2f}",
        )
        for e in channel_effect(user=user, **chosen)
    )
    return Table(header=header, rows=rows)


def _funnel(*, user: Any, **chosen: Any) -> Table:
    rows = (
        (str(s.label), str(s.count), "" if s.share is None else f"{s.share:.4f}") for s in funnel(user=user, **chosen)
    )
    return Table(header=(_("Step"), _("Number"), _("Share")), rows=rows)


def _open_cases(*, user: Any, territory: Any = None) -> Table:
    header = (
        _("Case"),
        _("Reference"),
        _("Name"),
        _("Territory"),
        _("Stage"),
        _("Grade"),
        _("Priority"),
        _("Owner"),
        _("Opened on"),
        _("To be worked by"),
        _("Needs a visit by"),
    )
    cases = Case.objects.visible_to(user).open()
    if territory is not None:
        cases = cases.filter(territory=territory)
    cases = cases.select_related("borrower", "territory", "owner").defer("borrower__id_number").order_by("pk")
    rows = (
        (
            str(c),
            c.borrower.external_ref,
            str(c.borrower.masked_name),
            str(c.territory),
            str(c.get_stage_display()),
            c.grade,
            str(c.get_priority_display()),
            str(c.owner or ""),
            c.opened_on.isoformat(),
            c.sla_due_on.isoformat(),
            c.needs_visit_by.isoformat() if c.needs_visit_by else "",
        )
        for c in cases.iterator(chunk_size=BATCH)
    )
    return Table(header=header, rows=rows)


_WRITERS: dict[str, Callable[..., Table]] = {
    ExportReport.EFFECTIVENESS: _effectiveness,
    ExportReport.FUNNEL: _funnel,
    ExportReport.OPEN_CASES: _open_cases,
}
