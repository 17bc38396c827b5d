"""What the core's own files say of terms that it was instructed: whether they agree, and what it set of its own accord."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.timezone import localdate

from backoffice.audit.services import record
from cases.enums import MeasureEnd, MeasureMode, TermsField, TermsTrouble
from cases.models import AccountTerm, TermsChange, TermsMeasure
from cases.rules.terms import Heard, TermState, heard
from cases.services.decisions.ending import lift_ended
from cases.services.decisions.measures import end_measures
from cases.services.decisions.terms_ledger import COLUMN_OF_FIELD, lock_terms, settle_terms
from cases.services.decisions.trouble import clear_trouble, note_trouble

_COLUMN: Final = COLUMN_OF_FIELD.format(field="t.field")
# A few of many: terms whose account shows another value than the core was instructed last, or was in doubt and agrees now.
_HEARD: Final = f"""
    SELECT t.id, t.account_id, t.field, {_COLUMN}, a.as_of FROM cases_accountterm t
    JOIN cases_account a ON a.id = t.account_id
    WHERE t.field IN ('{TermsField.LIMIT}', '{TermsField.RATE}', '{TermsField.STATUS}')
      AND ({_COLUMN} <> t.effective OR t.trouble = '{TermsTrouble.DIFFERS}')"""  # noqa: S608  our own words


def hear_accounts(*, refs: Iterable[str], at: datetime) -> int:
    """
    Compare the terms of accounts (by reference) that a file just wrote with what the core was instructed.

    In the caller's transaction; the accounts are locked by their writes. Returns how many terms the core set of its own
    accord. One statement where all agree.
    """
    return _hear(" AND a.external_ref = ANY(%s)", [list(refs)], at=at)


@transaction.atomic
def hear_all(*, at: datetime) -> int:
    """Compare the terms of all accounts, for those whose file and decision were written at the same moment."""
    return _hear("", [], at=at)


def _hear(where: str, params: list[Any], *, at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_HEARD + where + " ORDER BY t.account_id, t.field", params)
        rows: list[tuple[int, int, str, str, date]] = cursor.fetchall()
    if not rows:
        return 0
    lock_terms(terms=[(account, field) for _pk, account, field, *_rest in rows], at=at)
    terms = AccountTerm.objects.in_bulk([pk for pk, *_rest in rows])
    in_flight = _in_flight(list(terms.values()))
    own: list[AccountTerm] = []
    for pk, _account, _field, value, as_of in rows:
        term = terms[pk]
        match heard(value=value, as_of=as_of, term=_state(term, in_flight.get(pk, []))):
            case Heard.AGREES:
                clear_trouble(term=term, at=at)
            case Heard.DIFFERS:
                note_trouble(term=term, trouble=TermsTrouble.DIFFERS, at=at)
            case Heard.OWN_ACCORD:
                _take(term, value, at=at)
                own.append(term)
            case Heard.NOT_YET:
                pass
    if own:
        _settle(own, in_flight, at=at)
    return len(own)


def _state(term: AccountTerm, in_flight: Sequence[str]) -> TermState:
    return TermState(
        base=term.base,
        effective=term.effective,
        held=term.held,
        held_before=term.held_before,
        in_flight=in_flight,
        answered_on=None if term.acknowledged_at is None else localdate(term.acknowledged_at),
    )


def _in_flight(terms: Sequence[AccountTerm]) -> dict[int, list[str]]:
    """Return the values of instructions that the core has not answered, by term."""
    by_key = {(term.account_id, term.field): term for term in terms}
    lines = TermsChange.objects.filter(
        account__in={term.account_id for term in terms}, acknowledged_at__isnull=True
    ).values_list("account_id", "field", "version", "after")
    found: dict[int, list[str]] = {}
    for account, field, version, after in lines:
        term = by_key.get((account, field))
        if term is not None and version > term.acknowledged_version:
            found.setdefault(term.pk, []).append(after)
    return found


def _take(term: AccountTerm, value: str, *, at: datetime) -> None:
    """Take the core's own value as the base. It holds this value now, whatever was instructed before."""
    term.base = term.effective = term.held = value
    term.updated_at = at
    term.save(update_fields=["base", "effective", "held", "updated_at"])
    clear_trouble(term=term, at=at)


def _settle(terms: Sequence[AccountTerm], in_flight: dict[int, list[str]], *, at: datetime) -> None:
    """
    Instruct what still stands on top of the core's own values.

    A limit that the core sets is its newest word on the whole limit: increases that stood until then are part of it and end.
    Where instructions are under way that the core may still carry out, the value is instructed once more after them.
    """
    limits = [term.account_id for term in terms if term.field == TermsField.LIMIT]
    increases = TermsMeasure.objects.filter(account__in=limits, field=TermsField.LIMIT, mode=MeasureMode.INCREASE)
    ended = end_measures(measures=increases, reason=MeasureEnd.CORE, at=at, settle=False)
    under_way = [(term.account_id, term.field) for term in terms if term.pk in in_flight]
    others = [(term.account_id, term.field) for term in terms if term.pk not in in_flight]
    settle_terms(terms=under_way, causes=ended, at=at, again=True)
    settle_terms(terms=others, causes=ended, at=at)
    lift_ended(decisions=ended, at=at)
    body = {"terms": [term.pk for term in terms], "ended": ended}
    record(actor=None, action="terms.set_by_core", subject=("cases.accountterm", "set"), at=at, body=body)
