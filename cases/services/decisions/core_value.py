"""A person accepts that the value which the core named is right: it becomes the base of the term, and the trouble ends."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict
from backoffice.core.transitions import may
from cases.enums import AccountStatus, MeasureMode, TermsField
from cases.models import Account, AccountTerm, Decision, TermsChange, TermsMeasure
from cases.models.terms import VALUE_NAMED
from cases.rules.terms import COLLECTION_ORDER, NORMAL_COLLECTION, PENALTY_CHARGED
from cases.selectors.casework.named_value import COLUMNS, named_value
from cases.services.casework.digests import text_digest
from cases.services.decisions.acknowledgements import MONEY_FIELDS
from cases.services.decisions.core_word import increases, settle_on_bases, take_as_base
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.terms_ledger import lock_terms
from cases.services.decisions.trouble import PERMISSION

LONGEST_NOTE: Final = 300
# What a base may be that is no number.
_WORDS: Final[Mapping[str, Collection[str]]] = {
    TermsField.STATUS: frozenset(AccountStatus.values),
    TermsField.COLLECTION: frozenset({NORMAL_COLLECTION, *map(str, COLLECTION_ORDER)}),
    TermsField.PENALTY: frozenset({PENALTY_CHARGED, str(MeasureMode.WAIVED)}),
}


@transaction.atomic
def accept_core_value(*, term: AccountTerm, value: str, note: str, actor: Any, at: datetime) -> AccountTerm:
    """
    Take the value that the core named in trouble as the base of the term, and instruct what still stands on top of it.

    The core named it in its answer or in its files; `value` is what the actor saw. Increases of a limit end, as with every limit that the core sets. The account
    here shows the value from now on. `note` (cut to 300 characters) says why, and is kept sealed.

    :raises NotAllowed: if the actor may not approve decisions.
    :raises SelfApproval: if the actor proposed or approved a decision that the term follows from.
    :raises InvalidInput: if there is no note.
    :raises StateConflict: if the core has named no other value of the term (any more), another than `value`, or none that the term
        can have.
    """
    may(actor=actor, permission=PERMISSION)
    note = note.strip()[:LONGEST_NOTE]
    if not note:
        raise InvalidInput(_("Say why the core's value is right."), field="note")
    limits = [term.account_id] if term.field == TermsField.LIMIT else []
    ended_by_it = increases(accounts=limits).values_list("decision", flat=True)
    lock_decisions(decisions=ended_by_it, account=term.account_id)
    lock_terms(terms=[(term.account_id, term.field)], at=at)
    term = AccountTerm.objects.select_related("account").get(pk=term.pk)
    if value != _checked_value(term):
        raise StateConflict(_("The core has named another value meanwhile. Reload the page and look again."))
    if decisions_of(term=term).filter(_took_part(actor)).exists():
        raise SelfApproval(
            _("You proposed or approved a decision that this term follows from; another person accepts.")
        )
    body: dict[str, Any] = {"field": term.field, "trouble": term.trouble, "base": term.base, "value": value}
    term.held_before = term.held
    term.accepted_by, term.accepted_at = actor, at
    term.acceptance_ref, term.acceptance_note = uuid4(), note
    term.save(update_fields=["held_before", "accepted_by", "accepted_at", "acceptance_ref", "acceptance_note"])
    take_as_base(term=term, value=value, at=at)
    _show_on_account(term, value, at=at)
    ended = settle_on_bases(terms=[term], at=at)
    term.refresh_from_db(fields=["effective", "version"])
    body |= {"version": term.version, "ended": ended, "note_digest": text_digest(text=note, kind="terms.acceptance")}
    record(actor=actor, action="terms.core_value_accepted", subject=term, at=at, body=body)
    return term


def decisions_of(*, term: AccountTerm) -> QuerySet[Decision]:
    """Return the decisions that a term follows from: those whose measures on it have not ended, and its newest line's."""
    measures = TermsMeasure.objects.filter(decision=OuterRef("pk"), field=term.field, ended_at__isnull=True)
    newest = TermsChange.objects.filter(account=term.account_id, field=term.field, version=term.version)
    return Decision.objects.filter(Exists(measures) | Q(pk__in=newest.values("decision")), account=term.account_id)


def _took_part(actor: Any) -> Q:
    return Q(proposed_by=actor) | Q(approved_by=actor) | Q(second_approved_by=actor)


def _checked_value(term: AccountTerm) -> str:
    """Return the value that the core named in the trouble with a locked term, if the term can have it."""
    if term.trouble not in VALUE_NAMED:
        raise StateConflict(_("The core has named no other value of this term."))
    value = named_value(term=term)
    if not value:
        raise StateConflict(_("A newer instruction is under way; wait for its answer."))
    if not _is_possible(term.field, value):
        raise StateConflict(_("The core's value is none that this term can have; ask the core."))
    return value


def _is_possible(field: str, value: str) -> bool:
    if field not in MONEY_FIELDS:
        return value in _WORDS[field]
    return 0 <= Decimal(value) <= 1 if field == TermsField.RATE else Decimal(value) >= 0


def _show_on_account(term: AccountTerm, value: str, *, at: datetime) -> None:
    """Let the account show the value. An emptied digest makes intake read the core's next row, even an equal one."""
    column = COLUMNS.get(TermsField(term.field))
    if column is not None:
        rows = Account.objects.filter(pk=term.account_id)
        rows.update(**{column: value}, source_digest=b"", updated_at=at)
