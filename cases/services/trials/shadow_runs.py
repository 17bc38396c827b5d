"""Shadow runs: after each finished night a version is compared with the versions that judged it, without any effect."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may
from cases.enums import Job, PolicyState, RunState, TrialKind
from cases.models import EvaluationRun, PolicyTrial, PolicyVersion, ShadowRun
from cases.rules.policy.parser import parse_policy
from cases.selectors.policies.versions import versions_that_judged
from cases.services.trials.fact_ranges import next_day
from cases.services.trials.trial_requests import new_trial

LONGEST_DAYS: Final = 180
NOT_IN_FORCE: Final = (PolicyState.DRAFT, PolicyState.SUBMITTED, PolicyState.APPROVED)


def begin_shadow(*, version: PolicyVersion, from_date: date, until_date: date, actor: Any, at: datetime) -> ShadowRun:
    """
    Start a shadow run of a version that is not in force, from one business date to another, both included.

    :raises NotAllowed: if the actor may not try policies, or not in all territories.
    :raises InvalidInput: if the days are in the wrong order or more than 180 apart, or the rules are not a valid policy.
    :raises StateConflict: if the version is or was in force, or has a shadow run already.
    """
    may(actor=actor, permission="cases.run_policytrial")
    must_act_everywhere(actor=actor)
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
    End a shadow run now; its comparisons stay.

    :raises NotAllowed: if the actor may not try policies, or not in all territories.
    :raises StateConflict: if it has ended already.
    """
    may(actor=actor, permission="cases.run_policytrial")
    must_act_everywhere(actor=actor)
    if ShadowRun.objects.filter(pk=shadow.pk, ended_at__isnull=True).update(ended_at=at) != 1:
        raise StateConflict
    shadow.refresh_from_db()
    record(actor=actor, action="policy.shadow_ended", subject=shadow, at=at, body={"version": shadow.version_id})
    return shadow


def queue_due_comparisons(*, at: datetime) -> int:
    """
    Queue a comparison for every finished night that a shadow run has none for; return how many.

    Safe to call at any time and by several sweepers: a unique constraint allows one comparison for each version and
    business date. A shadow run ends when its version comes into force: there is nothing left to compare it with.
    """
    _end_shadows_in_force(at=at)
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
    judges = versions_that_judged(business_date=day)
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
        # The unique constraint refuses the second of two sweepers; its row is ignored.
        made = PolicyTrial.objects.bulk_create([trial], ignore_conflicts=True)
        for each in PolicyTrial.objects.filter(kind=TrialKind.SHADOW, version=shadow.version_id, business_date=day):
            enqueue("cases.tasks.work_trial", trial_id=each.pk)
    return len(made)


def _end_shadows_in_force(*, at: datetime) -> None:
    ended = ShadowRun.objects.filter(ended_at__isnull=True).exclude(version__state__in=NOT_IN_FORCE)
    ended.update(ended_at=at)
