"""Trying a policy version on kept facts: which version, against which, on which days. Nothing is ever applied."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.queue import enqueue
from backoffice.core.transitions import may
from cases.enums import Job, PolicyState, TrialKind
from cases.models import AccountFacts, EvaluationRun, PolicyTrial, PolicyVersion
from cases.rules.policy.body import parse_policy
from cases.rules.trials.trial_figures import TrialFigures
from cases.selectors.policies.versions import versions_on
from cases.services.trials.compared_versions import OVERDUE, sides_of
from cases.services.trials.comparison import compare_range
from cases.services.trials.trial_sql import NEXT

# Facts of one range; it takes about a second, and what it returns does not grow with it.
RANGE_FACTS: Final = 100_000
BEYOND: Final = 2**63 - 1
LONGEST_DAYS: Final = 92
IN_FORCE: Final = "in force"


def backtest(
    *,
    version: PolicyVersion,
    against: PolicyVersion | None,
    business_date: date,
    log_progress: Callable[[str], None] | None = None,
) -> TrialFigures:
    """
    Count what `version` would have done on a business date whose facts are kept, against another version or nothing.

    Reads only; no account leaves the database. `tell` hears of every range.

    :raises InvalidInput: if no facts of that day are kept, or a body is not a valid policy.
    """
    must_be_kept(business_date=business_date)
    sides = sides_of(version=version, body=version.body, against=against, others=in_force())
    figures = TrialFigures(business_date=business_date)
    for lower, upper in ranges(business_date=business_date):
        began = time.perf_counter()
        counted, _sample = compare_range(sides=sides, business_date=business_date, lower=lower, upper=upper)
        figures = figures.plus(replace(counted, seconds=time.perf_counter() - began))
        if log_progress is not None:
            log_progress(f"{figures.accounts:,} accounts in {figures.seconds:.1f} s")
    return figures


def ask_trial(
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
    Queue a trial over one business date or several, at most 92 days, and ring for a worker.

    `against` is the version in force for the same accounts unless given; None compares with no policy at all. A
    replay takes the versions of each day instead.

    :raises NotAllowed: if the actor may not try policies.
    :raises InvalidInput: if no facts of those days are kept, the days are the wrong way round or too many, or the
        rules cannot be read.
    """
    may(actor=actor, permission="cases.run_policytrial")
    until = until_date or business_date
    if not business_date <= until <= business_date + timedelta(days=LONGEST_DAYS):
        raise InvalidInput(_("The days must be in order, and at most 92 days apart."), field="until_date")
    first = next_day(after=business_date - timedelta(days=1), until=until)
    if first is None:
        must_be_kept(business_date=business_date)
    parse_policy(version.body)
    compared = against_in_force(version=version) if against == IN_FORCE else against
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
    """Return an unsaved trial with the rules as they are now and the number of accounts to judge."""
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


def must_be_kept(*, business_date: date) -> None:
    """
    Pass if facts of that business date are kept.

    :raises InvalidInput: naming the oldest and the newest day of which there are facts.
    """
    if AccountFacts.objects.filter(business_date=business_date).exists():
        return
    kept = AccountFacts.objects.aggregate(oldest=Min("business_date"), newest=Max("business_date"))
    if kept["oldest"] is None:
        raise InvalidInput(_("No facts are kept yet: let an evaluation run first."), field="business_date")
    raise InvalidInput(
        _(
            "No facts of {day} are kept. Choose a business date from {oldest} to {newest} on which an evaluation ran."
        ).format(day=business_date.isoformat(), oldest=kept["oldest"].isoformat(), newest=kept["newest"].isoformat()),
        field="business_date",
    )


def next_day(*, after: date, until: date) -> date | None:
    """Return the next business date after one and up to another of which facts are kept, None if there is none."""
    days = AccountFacts.objects.filter(business_date__gt=after, business_date__lte=until)
    found: date | None = days.order_by("business_date").values_list("business_date", flat=True).first()
    return found


def next_range(*, business_date: date, lower: int) -> int:
    """Return where the range that begins with borrower `lower` ends, exclusive; BEYOND for the last one."""
    with connection.cursor() as cursor:
        cursor.execute(NEXT, {"on": business_date, "lower": lower, "size": RANGE_FACTS})
        row = cursor.fetchone()
        return BEYOND if row is None else int(row[0])


def ranges(*, business_date: date) -> Iterator[tuple[int, int]]:
    """Return half-open ranges of borrower ids that cover everybody, by the number of facts of a day."""
    lower = 0
    while lower < BEYOND:
        upper = next_range(business_date=business_date, lower=lower)
        yield lower, upper
        lower = upper


def in_force() -> dict[str, PolicyVersion]:
    """Return the versions in force now, by segment."""
    active = PolicyVersion.objects.filter(state=PolicyState.ACTIVE).select_related("policy")
    return {version.policy.segment: version for version in active.order_by("policy__segment")}


def judged_by(*, business_date: date) -> Mapping[str, PolicyVersion]:
    """Return the versions that judged a business date: as its run recorded them, else as the terms say."""
    run = EvaluationRun.objects.filter(job=Job.TRIGGERS, business_date=business_date).first()
    kept = (
        {}
        if run is None
        else {each.segment: each.version for each in run.policies.select_related("version__policy").order_by("segment")}
    )
    return kept or versions_on(business_date=business_date)


def against_in_force(*, version: PolicyVersion) -> PolicyVersion | None:
    """Return the version in force for the accounts that `version` would judge: its segment's, else everybody's."""
    versions = in_force()
    return versions.get(version.policy.segment) or versions.get("")
