"""How the day desk and the pages of plans name districts, crews and refusals, in the reader's language."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from cases.selectors.casework.districts import district_name
from visits.models import CrewMember, VisitOrder
from visits.rules.dispatch.refusal_words import RefusalWords, reason_words, rule_words
from visits.selectors.conduct import local_time


def district_of(order: VisitOrder) -> str:
    """Return the name of the district of an order's address."""
    return district_name(code=order.address.adcode) or _("District unknown")


def crew_label(lead: CrewMember, second: CrewMember) -> str:
    """Return a pair by its badges."""
    return f"{lead.external_ref} + {second.external_ref}"


def refusal_lines(*, refusals: Iterable[tuple[str, datetime | None]], reason: str) -> list[dict[str, Any]]:
    """
    Return refusals as people read them: what holds, what to do, the clause, and until when.

    `refusals` are (rule, until); `reason` is a code that is none of a conduct rule, or empty.
    """
    lines = [_line(rule_words(rule=rule), until) for rule, until in refusals]
    return lines + ([_line(reason_words(reason=reason), None)] if reason else [])


def _line(words: RefusalWords, until: datetime | None) -> dict[str, Any]:
    clause = str(words.clause)
    if words.row is not None:
        clause = _("{clause} (row {row})").format(clause=clause, row=words.row)
    return {
        "what": str(words.what),
        "remedy": str(words.remedy),
        "clause": clause,
        "until": _("from {moment} on this rule no longer stands against it").format(
            moment=f"{local_time(until):%Y-%m-%d %H:%M}"
        )
        if until
        else "",
    }
