"""Which version is in force: activation now or on a later day, roll back, retirement, and the terms that record it."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max, Q, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, Missing, SelfApproval
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may, move, move_all
from cases.enums import Job, PolicyState, RunState
from cases.models import EvaluationRun, Policy, PolicyTerm, PolicyVersion
from cases.rules.lifecycle import POLICY_VERSION
from cases.selectors.policies.versions import get_active_version

DAY: Final = timedelta(days=1)
LONGEST_REASON: Final = 300


def may_write_policies(*, actor: Any, permission: str) -> None:
    """
    Pass if `actor` holds `permission` and acts in all territories: a policy judges the accounts of all of them.

    :raises NotAllowed: if one of the two is missing.
    """
    may(actor=actor, permission=permission)
    must_act_everywhere(actor=actor)


def activate_version(
    *, version: PolicyVersion, effective_from: date, actor: Any, at: datetime, business_date: date | None = None
) -> PolicyVersion:
    """
    Put an approved version into force from a business day on.

    If `effective_from` is `business_date` (the local day of `at` unless given) or earlier, the version is in force at
    once and the former version of its segment retires. If it is later, the version stays approved until that day;
    another call with another day moves it. A run that has started keeps its version.

    :raises NotAllowed: if the actor may not approve policies of all territories.
    :raises StateConflict: if it is not approved.
    :raises InvalidInput: if a day after `effective_from` has been judged already.
    """
    may_write_policies(actor=actor, permission="cases.approve_policyversion")
    with transaction.atomic():
        policy = _locked(version)
        _begin(
            policy=policy,
            version=version,
            effective_from=effective_from,
            actor=actor,
            at=at,
            reason="",
            business_date=business_date or timezone.localdate(at),
        )
        return version


def roll_back(
    *,
    version: PolicyVersion,
    reason: str,
    effective_from: date,
    actor: Any,
    at: datetime,
    business_date: date | None = None,
) -> PolicyVersion:
    """
    Put a retired version that was in force before into force again, now or on a later day (see activate_version).

    :raises NotAllowed: if the actor may not approve policies of all territories.
    :raises SelfApproval: if the actor proposed it.
    :raises StateConflict: if it is not retired.
    :raises InvalidInput: without a reason, for a version that never was in force, or if a later day has been judged.
    """
    may_write_policies(actor=actor, permission="cases.approve_policyversion")
    reason = reason_given(reason)
    with transaction.atomic():
        policy = _locked(version)
        version.refresh_from_db()
        if actor is None or actor.pk == version.proposed_by_id:
            raise SelfApproval
        if version.state == PolicyState.RETIRED and not version.terms.exists():
            raise InvalidInput(_("This version never was in force. Draft a new one from it."), field="version")
        move(
            record=version,
            lifecycle=POLICY_VERSION,
            action="roll_back",
            actor=actor,
            at=at,
            review_note=reason,
            effective_from=None,
        )
        _begin(
            policy=policy,
            version=version,
            effective_from=effective_from,
            actor=actor,
            at=at,
            reason=reason,
            business_date=business_date or timezone.localdate(at),
        )
        return version


def retire_version(
    *, version: PolicyVersion, reason: str, actor: Any, at: datetime, business_date: date | None = None
) -> PolicyVersion:
    """
    Retire a version: refuse a submitted one, withdraw an approved one, or end the policy of a segment.

    If it was in force, the policy of the empty segment judges the segment's accounts from the next day that has not
    been judged yet.

    :raises NotAllowed: if the actor may not approve policies of all territories.
    :raises StateConflict: if it is in none of these states.
    :raises InvalidInput: without a reason, or for the version in force that judges everybody else.
    """
    may_write_policies(actor=actor, permission="cases.approve_policyversion")
    reason = reason_given(reason)
    with transaction.atomic():
        policy = _locked(version)
        version.refresh_from_db()
        if version.state == PolicyState.ACTIVE:
            if not policy.segment:
                raise InvalidInput(
                    _(
                        "This policy judges every account without a policy of its own. Put another version into force instead."
                    ),
                    field="version",
                )
            today, judged = business_date or timezone.localdate(at), _last_judged()
            _end_terms(policy=policy, on=max(today, judged + DAY) if judged else today, at=at)
        move(record=version, lifecycle=POLICY_VERSION, action="retire", actor=actor, at=at, review_note=reason)
        record(
            actor=actor,
            action="policy.retired",
            subject=version,
            at=at,
            body={"number": version.number, "segment": policy.segment},
        )
        return version


def activate_due(*, business_date: date, at: datetime) -> list[PolicyVersion]:
    """
    Put every scheduled version whose day has come into force, in the order of their days; return them.

    If several versions of one segment are due, the one with the latest day is in force afterwards. A second call does
    nothing.
    """
    due = Q(state=PolicyState.APPROVED, effective_from__lte=business_date)
    # Usually no version is due; then no policy is locked.
    policy_ids = PolicyVersion.objects.filter(due).order_by("policy_id").values_list("policy_id", flat=True).distinct()
    activated = []
    for policy_id in list(policy_ids):
        with transaction.atomic():
            policy = Policy.objects.select_for_update(no_key=True).get(pk=policy_id)
            for version in policy.versions.filter(due).order_by("effective_from", "number"):
                assert version.effective_from is not None  # noqa: S101 - the filter asks for a day
                judged = _last_judged()
                _put_into_force(
                    policy=policy,
                    version=version,
                    actor=None,
                    at=at,
                    reason=version.review_note,
                    # Days judged before this call were judged by the former version and stay so.
                    starts_on=max(version.effective_from, judged) if judged else version.effective_from,
                )
                activated.append(version)
    return activated


def active_version(*, segment: str = "") -> PolicyVersion:
    """
    Return the version in force for a segment; the empty segment is every account without a policy of its own.

    :raises Missing: if there is none; the message says how to get one.
    """
    version = get_active_version(segment=segment)
    if version is None:
        raise Missing(
            _(
                "No policy is in force. Approve and activate a version under Policies, or run: manage.py install_default_policy"
            )
        )
    return version


def numbered_version(*, number: int, segment: str = "") -> PolicyVersion:
    """
    Return the version of that number of a segment's policy.

    :raises InvalidInput: if there is none.
    """
    version = PolicyVersion.objects.filter(policy__segment=segment, number=number).select_related("policy").first()
    if version is None:
        raise InvalidInput(_("There is no policy version {number}.").format(number=number), field="policy_version")
    return version


def reason_given(reason: str) -> str:
    """Return the reason without blanks around it. :raises InvalidInput: if it is empty or longer than 300 characters."""
    reason = reason.strip()
    if not reason:
        raise InvalidInput(_("Give a reason."), field="reason")
    if len(reason) > LONGEST_REASON:
        raise InvalidInput(_("A reason has at most {most} characters.").format(most=LONGEST_REASON), field="reason")
    return reason


def _locked(version: PolicyVersion) -> Policy:
    # One lock for each policy: two changes of what is in force happen one after the other.
    return Policy.objects.select_for_update(no_key=True).get(pk=version.policy_id)


def _begin(
    *,
    policy: Policy,
    version: PolicyVersion,
    effective_from: date,
    business_date: date,
    actor: Any,
    at: datetime,
    reason: str,
) -> None:
    if effective_from > business_date:
        move(
            record=version,
            lifecycle=POLICY_VERSION,
            action="schedule",
            actor=actor,
            at=at,
            effective_from=effective_from,
        )
        record(
            actor=actor,
            action="policy.scheduled",
            subject=version,
            at=at,
            body={"number": version.number, "segment": policy.segment, "effective_from": effective_from.isoformat()},
        )
        return
    judged = _last_judged()
    if judged is not None and effective_from < judged:
        # The terms must agree with the version that judged each past day.
        raise InvalidInput(
            _("Accounts have been judged up to {day}; choose that day or a later one.").format(day=judged.isoformat()),
            field="effective_from",
        )
    _put_into_force(policy=policy, version=version, starts_on=effective_from, actor=actor, at=at, reason=reason)


def _put_into_force(
    *, policy: Policy, version: PolicyVersion, starts_on: date, actor: Any, at: datetime, reason: str
) -> None:
    former = list(policy.versions.filter(state=PolicyState.ACTIVE).values_list("number", flat=True))
    move_all(rows=policy.versions.filter(state=PolicyState.ACTIVE), lifecycle=POLICY_VERSION, action="retire", at=at)
    move(record=version, lifecycle=POLICY_VERSION, action="activate", actor=actor, at=at, effective_from=starts_on)
    _end_terms(policy=policy, on=starts_on, at=at)
    PolicyTerm.objects.create(
        policy=policy,
        version=version,
        effective_from=starts_on,
        set_by=actor,
        reason=reason,
        created_at=at,
        updated_at=at,
    )
    record(
        actor=actor,
        action="policy.activated",
        subject=version,
        at=at,
        body={
            "number": version.number,
            "segment": policy.segment,
            "former": former,
            "effective_from": starts_on.isoformat(),
        },
    )


def _end_terms(*, policy: Policy, on: date, at: datetime) -> None:
    # A term that begins on that day or later becomes a term of no days.
    policy.terms.filter(Q(effective_until__isnull=True) | Q(effective_until__gt=on)).update(
        effective_until=Greatest(F("effective_from"), Value(on)), updated_at=at
    )


def _last_judged() -> date | None:
    runs = EvaluationRun.objects.filter(job=Job.TRIGGERS).exclude(state=RunState.CANCELLED)
    last: date | None = runs.aggregate(last=Max("business_date"))["last"]
    return last
