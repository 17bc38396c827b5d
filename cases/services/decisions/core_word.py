"""What the core's own files say of terms that it was instructed: whether they agree, and what it set of its own accord."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate

from backoffice.audit.services import record
from cases.enums import MeasureEnd, MeasureMode, TermsField, TermsTrouble
from cases.models import AccountTerm, TermsChange, TermsMeasure
from cases.rules.terms import Heard, TermState, heard
from cases.selectors.casework.named_value import COLUMNS
from cases.services.decisions.ending import lift_ended
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.measures import end_measures
from cases.services.decisions.terms_ledger import COLUMN_OF_FIELD, lock_terms, settle_terms
from cases.services.decisions.trouble import clear_trouble, note_trouble

_COLUMN: Final = COLUMN_OF_FIELD.format(field="t.field")
# A few of many: terms whose account shows another value than the core was instructed last, or was in doubt and agrees now.
_HEARD: Final = f"""
    SELECT t.account_id, t.field FROM cases_accountterm t
    JOIN cases_account a ON a.id = t.account_id
    WHERE t.field IN ('{TermsField.LIMIT}', '{TermsField.RATE}', '{TermsField.STATUS}')
      AND ({_COLUMN} <> t.effective OR t.trouble = '{TermsTrouble.DIFFERS}')
      -- What the core has not carried out yet says nothing: after a night of rewards that is most of them.
      AND NOT (t.acknowledged_version < t.version AND t.trouble = '' AND {_COLUMN} IN (t.base, t.held, t.held_before))
    ORDER BY t.account_id, t.field"""  # noqa: S608  our own words


@transaction.atomic
def hear_accounts(*, at: datetime) -> int:
    """
    Compare the terms that the core was instructed with what its files say of their accounts; return how many it set itself.

    One statement where all agree.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HEARD)
        found = [(int(account), str(field)) for account, field in cursor.fetchall()]
    if not found:
        return 0
    # Before the terms (services/decisions/locks.py).
    limits = [account for account, field in found if field == TermsField.LIMIT]
    lock_decisions(decisions=increases(accounts=limits).values_list("decision", flat=True))
    lock_terms(terms=found, at=at)
    wanted = set(found)
    accounts = {account for account, _field in found}
    terms = [
        term
        for term in AccountTerm.objects.filter(account__in=accounts).select_related("account").order_by("pk")
        if (term.account_id, term.field) in wanted
    ]
    in_flight = _in_flight(terms)
    own: list[AccountTerm] = []
    for term in terms:
        value = str(getattr(term.account, COLUMNS[TermsField(term.field)]))
        state = _state(term, in_flight.get(term.pk, []))
        match heard(value=value, as_of=term.account.as_of, term=state):
            case Heard.AGREES:
                clear_trouble(term=term, at=at)
            case Heard.DIFFERS:
                note_trouble(term=term, trouble=TermsTrouble.DIFFERS, at=at)
            case Heard.OWN_ACCORD:
                take_as_base(term=term, value=value, at=at)
                own.append(term)
            case Heard.NOT_YET:
                pass
    if own:
        ended = settle_on_bases(terms=own, at=at)
        body = {"terms": [term.pk for term in own], "ended": ended}
        record(actor=None, action="terms.set_by_core", subject=("cases.accountterm", "set"), at=at, body=body)
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


def take_as_base(*, term: AccountTerm, value: str, at: datetime) -> None:
    """Take the core's own value as the base of a locked term. It holds this value now, whatever was instructed before."""
    term.base = term.effective = term.held = value
    term.updated_at = at
    term.save(update_fields=["base", "effective", "held", "updated_at"])
    clear_trouble(term=term, at=at)


def increases(*, accounts: Sequence[int]) -> "QuerySet[TermsMeasure]":
    """Return the increases of the limits of these accounts (ids) that a limit of the core's own ends."""
    return TermsMeasure.objects.filter(
        account__in=accounts, field=TermsField.LIMIT, mode=MeasureMode.INCREASE, ended_at__isnull=True
    )


def settle_on_bases(*, terms: Sequence[AccountTerm], at: datetime) -> list[int]:
    """
    Instruct what still stands on top of the core's own values of locked terms; return the decisions (ids) that this ended.

    A limit that the core sets is its newest word on the whole limit: increases that stood until then are part of it and end.
    Where instructions are under way that the core may still carry out, the value is instructed once more after them.
    """
    in_flight = _in_flight(terms)
    limits = [term.account_id for term in terms if term.field == TermsField.LIMIT]
    ended = end_measures(measures=increases(accounts=limits), reason=MeasureEnd.CORE, at=at, settle=False)
    under_way = [(term.account_id, term.field) for term in terms if term.pk in in_flight]
    others = [(term.account_id, term.field) for term in terms if term.pk not in in_flight]
    settle_terms(terms=under_way, causes=ended, at=at, again=True)
    settle_terms(terms=others, causes=ended, at=at)
    lift_ended(decisions=ended, at=at)
    return ended
