"""Writing letters to borrowers about decisions: what is true now is frozen, and the lender's channels are told."""

from datetime import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import EmptyResultSet
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    DateField,
    Exists,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, JSONObject, Round, TruncDate
from django.utils.timezone import localdate

from backoffice.core.currencies import OTHER_DECIMALS, USUAL_DECIMALS
from backoffice.outbox.services import add_events_from
from cases.enums import (
    ADVERSE_KINDS,
    ComplaintKind,
    ComplaintState,
    DecisionKind,
    DecisionOrigin,
    LetterKind,
    LetterOccasion,
    LetterState,
    Verdict,
)
from cases.models import (
    AccountFacts,
    Complaint,
    Decision,
    DecisionLetter,
    PlanInstalment,
    VerifiedFact,
)

TOPIC: Final = "decision.letter"
# The form of the facts; a later form gets another number, and letters of this one are read as before.
FORM: Final = 1

_TEXT = CharField()
_KINDS = {
    LetterOccasion.SUSPENDED: LetterKind.SUSPENDED,
    LetterOccasion.RESUMED: LetterKind.RESUMED,
    LetterOccasion.LIFTED: LetterKind.LIFTED,
    LetterOccasion.EXPIRED: LetterKind.ENDED,
    LetterOccasion.REVERSED: LetterKind.REVERSED,
    LetterOccasion.WAIVER_EARNED: LetterKind.EARNED,
    LetterOccasion.WAIVER_LAPSED: LetterKind.LAPSED,
    LetterOccasion.WAIVER_UNPAID: LetterKind.UNPAID,
    LetterOccasion.PLAN_AGREED: LetterKind.AGREED,
    LetterOccasion.PLAN_BROKEN: LetterKind.BROKEN,
    LetterOccasion.PLAN_FULFILLED: LetterKind.FULFILLED,
    LetterOccasion.PLAN_REOPENED: LetterKind.REOPENED,
}
_OF_PLANS: Final = (
    LetterOccasion.PLAN_AGREED,
    LetterOccasion.PLAN_BROKEN,
    LetterOccasion.PLAN_FULFILLED,
    LetterOccasion.PLAN_REOPENED,
)
_NOTHING = Value(None, output_field=JSONField())

# One statement writes the letters and announces exactly the new ones. The payload holds references only: the lender's
# channel fetches the letter, and what it shows on a locked screen says nothing of a decision.
_NEW_LETTERS: Final = """
    source (decision_id, kind, facts) AS ({rows}),
    letter AS (
        INSERT INTO {table} (decision_id, kind, state, happened_on, facts, digest, created_at, updated_at)
        SELECT decision_id, kind, %s, %s, facts, encode(sha256(convert_to(facts::text, 'UTF8')), 'hex'), %s, %s
        FROM source ORDER BY decision_id
        ON CONFLICT (decision_id, kind, happened_on) DO NOTHING
        RETURNING id, decision_id, digest
    )"""
_EVENTS: Final = """
    SELECT 'decision.letter:' || letter.id AS key, jsonb_build_object(
        'letter', letter.id, 'decision', letter.decision_id, 'borrower', borrower.external_ref, 'digest', letter.digest
    ) AS payload, '' AS order_key
    FROM letter
    JOIN {decisions} decision ON decision.id = letter.decision_id
    JOIN {borrowers} borrower ON borrower.id = decision.borrower_id
    ORDER BY letter.id"""


def write_letters(*, decisions: QuerySet[Decision], occasion: str, at: datetime) -> int:
    """
    Write the letter of each decision about what has just happened to it, and announce it; return how many are new.

    `occasion` is a value of `LetterOccasion`. Call it in the transaction of the change, after the change: the facts are
    frozen as they stand, with amounts in the account's currency. One statement for any number. The same occasion on the
    same day writes nothing again.

    :raises RuntimeError: if there is no transaction.
    :raises ValueError: if the occasion is unknown.
    """
    occasion = LetterOccasion(occasion)
    happened_on = localdate(at)
    try:
        rows, params = (
            decisions.order_by()
            .values_list("pk", _kind(occasion), _facts(occasion, happened_on=Value(happened_on, DateField())))
            .query.sql_with_params()
        )
    except EmptyResultSet:
        return 0
    borrowers = Decision._meta.get_field("borrower").related_model
    return add_events_from(
        topic=TOPIC,
        changes=_NEW_LETTERS.format(rows=rows, table=DecisionLetter._meta.db_table),
        events=_EVENTS.format(decisions=Decision._meta.db_table, borrowers=borrowers._meta.db_table),
        params=[*params, str(LetterState.WAITING), happened_on, at, at],
        at=at,
    )


def _kind(occasion: LetterOccasion) -> Combinable:
    if occasion != LetterOccasion.APPROVED:
        return Value(str(_KINDS[occasion]), output_field=_TEXT)
    taken = When(kind__in=[str(kind) for kind in ADVERSE_KINDS], then=Value(str(LetterKind.TAKEN)))
    return Case(taken, default=Value(str(LetterKind.GRANTED)), output_field=_TEXT)


def _facts(occasion: LetterOccasion, *, happened_on: Value) -> Combinable:
    """Return the facts as one JSON object: codes, dates (ISO) and amounts and rates as text."""
    facts: dict[str, Any] = {
        "form": Value(FORM),
        "kind": F("kind"),
        "reasons": F("reasons"),
        "terms": F("terms"),
        "policy_version": F("policy_version_id"),
        "by_person": Case(When(approved_by__isnull=False, then=Value(True)), default=Value(False)),
        "decided_on": TruncDate("approved_at"),
        "happened_on": Cast(happened_on, DateField()),
        "ends_on": F("expires_on"),
        "currency": F("account__currency"),
        "as_of": F("account__as_of"),
        "days_past_due": F("account__days_past_due"),
        "arrears": Cast("account__arrears_amount", _TEXT),
        "limit": Cast("account__credit_limit", _TEXT),
        "rate": Cast("account__annual_rate", _TEXT),
        "on_time_months": _on_time_months(),
        "verification": _verification(),
        "instalments": _instalments(),
    }
    if occasion in _OF_PLANS:
        facts["plan"] = JSONObject(
            rate=Cast("plan__annual_rate", _TEXT), total=_in_currency("plan__total_amount", "account__currency")
        )
    if occasion in (LetterOccasion.PLAN_BROKEN, LetterOccasion.PLAN_REOPENED):
        missed = PlanInstalment.objects.filter(plan__decision=OuterRef("pk"), paid_on__isnull=True)
        if occasion == LetterOccasion.PLAN_BROKEN:
            missed = missed.filter(due_on__lt=happened_on)
        facts["missed"] = JSONObject(numbers=ArraySubquery(missed.order_by("number").values("number")))
    if occasion == LetterOccasion.REVERSED:
        upheld = Complaint.objects.filter(
            decision=OuterRef("pk"), kind=ComplaintKind.APPEAL, state=ComplaintState.UPHELD
        )
        facts["upheld"] = Case(
            When(Exists(upheld), then=Value(True)), default=Value(False), output_field=BooleanField()
        )
    return JSONObject(**facts)


def _on_time_months() -> Combinable:
    """Return for how many months in a row the borrower had paid on time, as the standing job counted; else null."""
    counted = AccountFacts.objects.filter(account=OuterRef("account"), business_date=OuterRef("business_date"))
    months = Subquery(counted.values("on_time_months")[:1])
    return Case(When(origin=DecisionOrigin.STANDING, then=months), default=None)


def _verification() -> Combinable:
    """Return how and when the facts were established that the decision rests on, and which ones; else null."""
    sections = VerifiedFact.objects.filter(verification=OuterRef("verification")).exclude(
        verdict=Verdict.NOT_ESTABLISHED
    )
    found = JSONObject(
        source=F("verification__source"),
        on=F("verification__verified_on"),
        sections=ArraySubquery(sections.order_by("pk").values("section")),
    )
    return Case(When(verification__isnull=False, then=found), default=_NOTHING)


def _in_currency(amount: str, currency: str) -> Combinable:
    """Return an amount as text with the decimals of the currency that the column `currency` names."""
    others = [When(**{currency: code}, then=Value(decimals)) for code, decimals in OTHER_DECIMALS.items()]
    decimals: Any = Case(*others, default=Value(USUAL_DECIMALS))
    return Cast(Round(F(amount), precision=decimals), _TEXT)


def _instalments() -> Combinable:
    """Return day and amount of each instalment of the plan that the decision offers; null where it offers none."""
    due = PlanInstalment.objects.filter(plan__decision=OuterRef("pk")).order_by("number")
    each = ArraySubquery(
        due.values(due=JSONObject(on=F("due_on"), amount=_in_currency("amount", "plan__account__currency")))
    )
    whole = JSONObject(each=each)
    return Case(When(Q(kind=DecisionKind.PLAN), then=whole), default=_NOTHING)
