"""Request a trial: queue one policy version over one business date or several. A trial never changes the portfolio."""

from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.queue import enqueue
from backoffice.core.transitions import may
from cases.enums import TrialKind
from cases.models import AccountFacts, PolicyTrial, PolicyVersion
from cases.rules.policy.parser import parse_policy
from cases.selectors.policies.versions import version_in_force_beside
from cases.services.trials.fact_ranges import must_be_kept, next_day
from cases.services.trials.rule_masks import OVERDUE

LONGEST_DAYS: Final = 92
IN_FORCE: Final = "in force"


def request_trial(
    *,
    kind: str,
    version: PolicyVersion,
    business_date: date,
    until_date: date | None = None,
    against: PolicyVersion | Literal["in force"] | None = IN_FORCE,
    actor: Any,
    at: datetime,
) -> PolicyTrial:
    """
    Queue a trial over one business date or several, at most 92 days, and wake a worker.

    `against` is the version in force for the same accounts unless given; None compares with no policy at all. A
    replay uses the versions of each day instead.

    :raises NotAllowed: if the actor may not try policies.
    :raises InvalidInput: if no facts of those days are kept, the days are in the wrong order or too many, or the
        rules are not a valid policy.
    """
    may(actor=actor, permission="cases.run_policytrial")
    until = until_date or business_date
    if not business_date <= until <= business_date + timedelta(days=LONGEST_DAYS):
        raise InvalidInput(_("The days must be in order, and at most 92 days apart."), field="until_date")
    first = next_day(after=business_date - timedelta(days=1), until=until)
    if first is None:
        must_be_kept(business_date=business_date)
    parse_policy(version.body)
    compared = version_in_force_beside(version=version) if against == IN_FORCE else against
    with transaction.atomic():
        trial = new_trial(
            kind=kind,
            version=version,
            against=None if kind == TrialKind.REPLAY else compared,
            actor=actor,
            business_date=business_date,
            until_date=until,
            at=at,
        )
        trial.save(force_insert=True)
        enqueue("cases.tasks.work_trial", trial_id=trial.pk)
        record(
            actor=actor,
            action="policy.tried",
            subject=trial,
            at=at,
            body={"kind": kind, "version": version.pk, "against": trial.against_id, "from": business_date, "to": until},
        )
        return trial


def new_trial(
    *,
    kind: str,
    version: PolicyVersion,
    against: PolicyVersion | None,
    business_date: date,
    until_date: date,
    actor: Any,
    at: datetime,
) -> PolicyTrial:
    """Return an unsaved trial with a copy of the version's rules as they are now and the number of overdue accounts."""
    facts = AccountFacts.objects.filter(OVERDUE, business_date__range=(business_date, until_date))
    return PolicyTrial(
        kind=kind,
        version=version,
        against=against,
        body=version.body,
        business_date=business_date,
        until_date=until_date,
        asked_by=actor,
        asked_at=at,
        account_count=facts.count(),
        updated_at=at,
    )
