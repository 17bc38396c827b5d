"""Whether core and Doorstep agree on the terms of accounts: noted where they may not, until they do or a person decides."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import StateConflict
from backoffice.core.transitions import may
from backoffice.outbox.services import add_events
from cases.enums import TermsTrouble
from cases.models import AccountTerm, TermsChange
from cases.services.decisions.terms_ledger import ORDER, lock_terms, settle_terms

# The core has a day to answer; where the borrower must agree first, as long as such an offer is open.
SILENT_AFTER: Final = timedelta(hours=24)
SILENT_AFTER_OPT_IN: Final = timedelta(days=31)
QUERY_TOPIC: Final = "terms.query"
PERMISSION: Final = "cases.approve_decision"


def note_trouble(*, term: AccountTerm, trouble: TermsTrouble, at: datetime, version: int | None = None) -> None:
    """Note trouble with a locked term, unless it is about an instruction (`version`) that a newer one has replaced."""
    if version is not None and version != term.version:
        return
    if term.trouble != trouble:
        term.trouble, term.trouble_since, term.taken_by = trouble, at, None
        term.save(update_fields=["trouble", "trouble_since", "taken_by"])


def clear_trouble(*, term: AccountTerm, at: datetime) -> None:
    """End the trouble with a locked term: core and Doorstep agree."""
    if term.trouble:
        term.trouble, term.trouble_since, term.taken_by, term.updated_at = "", None, None, at
        term.save(update_fields=["trouble", "trouble_since", "taken_by", "updated_at"])


@transaction.atomic
def find_silent_terms(*, at: datetime, most: int = 2_000) -> int:
    """
    Note the terms whose last instruction the core has not answered in time, and ask it for the value; return how many.

    A day is in time; 31 days where the borrower must agree first, then the offer lapses (services/decisions/opt_in.py). The question is an event of its own (topic "terms.query"),
    delivered after the instruction that it is about; the core answers it as it answers the instruction.
    """
    last = TermsChange.objects.filter(account=OuterRef("account"), field=OuterRef("field"), version=OuterRef("version"))
    late = (
        AccountTerm.objects.filter(
            acknowledged_version__lt=F("version"), trouble="", instructed_at__lte=at - SILENT_AFTER
        )
        .exclude(Exists(last.filter(opt_in_required=True)), instructed_at__gt=at - SILENT_AFTER_OPT_IN)
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .select_related("account")
        .order_by("pk")
    )
    terms = list(late[:most])
    if not terms:
        return 0
    rows = AccountTerm.objects.filter(pk__in=[term.pk for term in terms])
    rows.update(trouble=TermsTrouble.SILENT, trouble_since=at, updated_at=at)
    questions: list[tuple[str, dict[str, object]]] = []
    orders: dict[str, str] = {}
    for term in terms:
        effect_key = f"{term.account_id}-{term.field}-{term.version}"
        payload = {"account": term.account.external_ref, "field": term.field, "version": term.version}
        questions.append((f"query:{effect_key}", {"effect_key": effect_key, **payload}))
        orders[f"query:{effect_key}"] = f"{ORDER}{term.account_id}"
    add_events(topic=QUERY_TOPIC, events=questions, order_keys=orders, at=at)
    body = {"terms": [term.pk for term in terms]}
    record(actor=None, action="terms.silent", subject=("cases.accountterm", "set"), at=at, body=body)
    return len(terms)


@transaction.atomic
def instruct_again(*, term: AccountTerm, actor: Any, at: datetime) -> AccountTerm:
    """
    Instruct the core again of the value that holds, under a new version.

    :raises NotAllowed: if the actor may not approve decisions.
    :raises StateConflict: if there is no trouble with the term (any more).
    """
    term = _locked(term, actor=actor, at=at)
    settle_terms(terms=[(term.account_id, term.field)], causes=_newest_cause(term), at=at, again=True)
    return _settled(term, "terms.instructed_again", actor=actor, at=at)


@transaction.atomic
def take_trouble(*, term: AccountTerm, actor: Any, at: datetime) -> AccountTerm:
    """
    Note that the actor looks into the trouble with a term, outside of this program.

    :raises NotAllowed: if the actor may not approve decisions.
    :raises StateConflict: if there is no trouble with the term (any more).
    """
    term = _locked(term, actor=actor, at=at)
    term.taken_by, term.updated_at = actor, at
    term.save(update_fields=["taken_by", "updated_at"])
    record(actor=actor, action="terms.trouble_taken", subject=term, at=at, body={"trouble": term.trouble})
    return term


def _locked(term: AccountTerm, *, actor: Any, at: datetime) -> AccountTerm:
    may(actor=actor, permission=PERMISSION)
    lock_terms(terms=[(term.account_id, term.field)], at=at)
    term = AccountTerm.objects.get(pk=term.pk)
    if not term.trouble:
        raise StateConflict(_("Core and portfolio agree on this term meanwhile."))
    return term


def _settled(term: AccountTerm, action: str, *, actor: Any, at: datetime) -> AccountTerm:
    trouble = term.trouble
    term = AccountTerm.objects.get(pk=term.pk)
    clear_trouble(term=term, at=at)
    body = {"trouble": trouble, "version": term.version, "field": term.field}
    record(actor=actor, action=action, subject=term, at=at, body=body)
    return term


def _newest_cause(term: AccountTerm) -> list[int]:
    lines = TermsChange.objects.filter(account=term.account_id, field=term.field, decision__isnull=False)
    return list(lines.order_by("-version").values_list("decision_id", flat=True)[:1])
