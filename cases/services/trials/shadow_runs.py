"""Shadow runs: a version compared after each finished night with those that judged it, without any effect."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.transitions import may
from cases.enums import Job, PolicyState, RunState, TrialKind
from cases.models import EvaluationRun, PolicyTrial, PolicyVersion, ShadowRun
from cases.rules.policy.body import parse_policy
from cases.services.trials.request_trial import judged_by, new_trial, next_day

LONGEST_DAYS: Final = 180
NOT_IN_FORCE: Final = (PolicyState.DRAFT, PolicyState.SUBMITTED, PolicyState.APPROVED)


def begin_shadow(*, version: PolicyVersion, from_date: date, until_date: date, actor: Any, at: datetime) -> ShadowRun:
    """
    Let a version that is not in force run beside those that are, from one business date to another.

    :raises NotAllowed: if the actor may not try policies.
    :raises InvalidInput: if the days are in the wrong order or more than 180 apart, or the rules cannot be read.
    :raises StateConflict: if the version is or was in force, or runs in shadow already.
    """
    may(actor=actor, permission="cases.run_policytrial")
    if not from_date <= until_date <= from_date + timedelta(days=LONGEST_DAYS):
        raise InvalidInput(
            _("A shadow run ends on or after its first day, at most 180 days later."), field="until_date"
        )
    version.refresh_from_db()
    if version.state not in NOT_IN_FORCE:
        raise StateConflict(_("Only a version that has not been in force runs in shadow. Draft a new one from it."))
    parse_policy(version.body)
    try:
        with transaction.atomic():
            shadow = ShadowRun.objects.create(
                version=version, from_date=from_date, until_date=until_date, set_by=actor, created_at=at
            )
            record(
                actor=actor,
                action="policy.shadowed",
                subject=shadow,
                at=at,
                body={"version": version.pk, "from": from_date, "to": until_date},
            )
    except IntegrityError as error:
        raise StateConflict(_("This version runs in shadow already.")) from error
    return shadow


@transaction.atomic
def end_shadow(*, shadow: ShadowRun, actor: Any, at: datetime) -> ShadowRun:
    """
    End a shadow run now; what it recorded stays.

    :raises StateConflict: if it has ended already.
    """
    may(actor=actor, permission="cases.run_policytrial")
    if ShadowRun.objects.filter(pk=shadow.pk, ended_at__isnull=True).update(ended_at=at) != 1:
        raise StateConflict
    shadow.refresh_from_db()
    record(actor=actor, action="policy.shadow_ended", subject=shadow, at=at, body={"version": shadow.version_id})
    return shadow


def shadow_due(*, at: datetime) -> int:
    """
    Queue the comparison of every finished night that a shadow run still lacks; return how many.

    May run at any time, any number of times: one record a version and business date. A version that has come into
    force meanwhile has nothing left to be compared with, and its shadow run ends.
    """
    _end_those_in_force(at=at)
    queued = 0
    for shadow in ShadowRun.objects.filter(ended_at__isnull=True).select_related("version__policy").order_by("pk"):
        recorded = PolicyTrial.objects.filter(
            kind=TrialKind.SHADOW, version=shadow.version_id, business_date=OuterRef("business_date")
        )
        nights = EvaluationRun.objects.filter(
            ~Exists(recorded),
            job=Job.TRIGGERS,
            state=RunState.FINISHED,
            business_date__range=(shadow.from_date, shadow.until_date),
        )
        for day in nights.order_by("business_date").values_list("business_date", flat=True):
            queued += _queue(shadow=shadow, day=day, at=at)
    return queued


def _queue(*, shadow: ShadowRun, day: date, at: datetime) -> int:
    if next_day(after=day - timedelta(days=1), until=day) is None:
        return 0
    judges = judged_by(business_date=day)
    against = judges.get(shadow.version.policy.segment) or judges.get("")
    trial = new_trial(
        kind=TrialKind.SHADOW,
        version=shadow.version,
        against=against,
        business_date=day,
        until_date=day,
        actor=None,
        at=at,
    )
    with transaction.atomic():
        # Two sweepers at once meet at the unique constraint.
        made = PolicyTrial.objects.bulk_create([trial], ignore_conflicts=True)
        for each in PolicyTrial.objects.filter(kind=TrialKind.SHADOW, version=shadow.version_id, business_date=day):
            enqueue("cases.tasks.work_trial", trial_id=each.pk)
    return len(made)


def _end_those_in_force(*, at: datetime) -> None:
    over = ShadowRun.objects.filter(ended_at__isnull=True).exclude(version__state__in=NOT_IN_FORCE)
    over.update(ended_at=at)
