"""What a page says of one paper, field by field: stated by the lender, seen by the crew, found by the rules. Values are masked."""

from dataclasses import dataclass

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.sealing import masked_address, masked_name, masked_tail
from visits.enums import DocumentKind
from visits.rules.conduct.clauses import Words
from visits.rules.report.documents import DocumentCheck
from visits.rules.report.paper_checks import Known
from visits.rules.report.paper_fields import PAPER_FIELDS, Mask, PaperField, Stated
from visits.rules.report.paper_values import Value
from visits.selectors.papers import ReadPaper

HIDDEN = "***"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """One field of a paper. `stated` and `seen` are masked; empty where the lender knows nothing or nothing was read."""

    name: str
    label: Words
    stated: Words
    seen: Words
    checks: tuple[DocumentCheck, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearLine:
    """One field of a paper in clear. Shown only after its access was logged."""

    name: str
    label: Words
    value: str


def paper_lines(*, read: ReadPaper, known: Known) -> tuple[PaperLine, ...]:
    """Return the fields of a paper that were read, or that a check speaks of, in the order of the table."""
    lines = []
    for field in PAPER_FIELDS[DocumentKind(read.paper.kind)]:
        value = read.paper.values.get(field.name)
        checks = tuple(check for check in read.checks if check.field == field.name)
        if value is not None or checks:
            stated = _stated(field, known)
            lines.append(
                PaperLine(
                    name=field.name,
                    label=field.label,
                    stated=_masked(field, stated) if stated else "",
                    seen=_masked(field, value) if value is not None else "",
                    checks=checks,
                )
            )
    return tuple(lines)


def clear_lines(*, read: ReadPaper) -> tuple[ClearLine, ...]:
    """Return what was read from a paper in clear. The caller logs the access first."""
    return tuple(
        ClearLine(name=field.name, label=field.label, value=_plain(field, read.paper.values[field.name]))
        for field in PAPER_FIELDS[DocumentKind(read.paper.kind)]
        if field.name in read.paper.values
    )


def _stated(field: PaperField, known: Known) -> str:
    if field.name == "employer":
        # Shown and not checked: whoever has changed work since they applied shows a sound paper of another employer.
        return known.employer
    if field.stated is None:
        return ""
    return {Stated.NAME: known.name, Stated.ID_NUMBER: known.id_number, Stated.ADDRESS: known.address}[field.stated]


def _masked(field: PaperField, value: Value) -> Words:
    if isinstance(value, list):
        return format_lazy(_("{n} entries"), n=len(value))
    if field.mask == Mask.NAME:
        return masked_name(value)
    if field.mask == Mask.TAIL:
        return masked_tail(value)
    if field.mask == Mask.ADDRESS:
        return masked_address(value)
    return f"{value[:4]}-**-**" if field.mask == Mask.YEAR else HIDDEN


def _plain(field: PaperField, value: Value) -> str:
    if isinstance(value, list):
        return ", ".join(value)
    return str(field.choices.get(value, value))
