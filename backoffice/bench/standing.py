"""The standing job over a portfolio, and the ends of restrictions after payments; beside bare SQL and a per-row loop."""

import time
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from backoffice.access.models import Territory, User
from backoffice.access.roles import Role
from backoffice.bench import standing_floor, standing_naive
from backoffice.bench.nights import night
from backoffice.bench.portfolio import BUSINESS_DATE, fill
from backoffice.bench.registry import ProgressLog, Result
from cases.enums import DecisionKind, DecisionState, Job
from cases.models import BreakerLimit, Decision, EvaluationChunk
from cases.services.decisions import ending
from cases.services.decisions.lifecycle import approve_decisions
from cases.services.policies import versions

# One account in twenty is frozen by a person, and pays afterwards.
LIFTED_SHARE: Final = 20
NAIVE_SAMPLE: Final = 300


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    Measure a first standing run over `scale` accounts by one worker, and the ends of `scale` / 20 freezes after payments.

    `seconds` and the floor are the sums of both. The floor is bare SQL that works out the same facts and writes the same
    decisions, measures, instructions, letters and events in one transaction each, without chunks, trail or kept facts. The
    naive loop rewards a sample one by one; its time is extrapolated to all accounts.
    """
    log_progress(f"making {scale:,} accounts")
    fill(scale=scale)
    versions.install_default_policy(effective_from=BUSINESS_DATE - timedelta(days=30), at=timezone.now())
    # Most of this portfolio has never been judged before, so that its first night is no exception.
    BreakerLimit.objects.all().delete()
    for measure in ("REWARDED", "RESTRICTED"):
        BreakerLimit.objects.create(measure=measure, max_share=1, max_multiple=1000, updated_at=timezone.now())

    began = time.monotonic()
    floor = standing_floor.night()
    floor_night = time.monotonic() - began
    log_progress(f"bare SQL, the night: {floor_night:.1f} s, {floor}")
    naive_rate = standing_naive.sample_rate(size=NAIVE_SAMPLE)
    log_progress(f"loop over {NAIVE_SAMPLE}: {naive_rate:.0f} accounts/s")
    _vacuum()

    ours = night(business_date=BUSINESS_DATE, workers=1, job=Job.STANDING)
    log_progress(f"the night: {ours.seconds:.1f} s, {ours.accounts:,} accounts, {ours.written}, {ours.rss_mb:.0f} MB")
    _compare(ours.written, floor)

    _freeze_some(most=scale // LIFTED_SHARE)
    _vacuum()
    began = time.monotonic()
    floor_lifted = standing_floor.lift()
    floor_lift = time.monotonic() - began
    log_progress(f"bare SQL, the ends: {floor_lift:.1f} s, {floor_lifted:,}")
    _vacuum()
    began = time.monotonic()
    lifted = 0
    while found := ending.follow_payments(at=timezone.now()):
        lifted += found
    lift = time.monotonic() - began
    log_progress(f"the ends: {lift:.1f} s, {lifted:,}")
    if lifted != floor_lifted:
        raise RuntimeError(f"The floor does other work: it lifted {floor_lifted}, we lifted {lifted}.")
    return Result(
        seconds=ours.seconds + lift,
        items=scale,
        floor_seconds=floor_night + floor_lift,
        naive_seconds=scale / naive_rate,
        peak_rss_mb=ours.rss_mb,
        extra={
            "night_seconds": round(ours.seconds, 3),
            "night_ratio": round(ours.seconds / floor_night, 3),
            "lift_seconds": round(lift, 3),
            "lift_ratio": round(lift / floor_lift, 3),
            "lifted": lifted,
            "written": ours.written,
        },
    )


def _compare(ours: dict[str, int], floor: dict[str, int]) -> None:
    """Compare the rows of both. Our budget is kept by chunks: each may leave a rise out that would pass it."""
    chunks = EvaluationChunk.objects.count()
    restrictions = ours["decisions"] - ours["letters"], floor["decisions"] - floor["letters"]
    rewards = ours["letters"], floor["letters"]
    if restrictions[0] != restrictions[1] or abs(rewards[0] - rewards[1]) > chunks:
        raise RuntimeError(f"The floor does other work: it wrote {floor}, we wrote {ours}.")


def _freeze_some(*, most: int) -> None:
    """Approve some of the proposed freezes as a person does, let the core answer, and let all of these accounts pay."""
    actor = User.objects.create_user("bench-approver", role=Role.APPROVER)
    actor.territories.set(Territory.objects.all())
    ids = list(
        Decision.objects.filter(kind=DecisionKind.FREEZE, state=DecisionState.PROPOSED)
        .order_by("pk")
        .values_list("pk", flat=True)[:most]
    )
    for start in range(0, len(ids), 20_000):
        chosen = Decision.objects.filter(pk__in=ids[start : start + 20_000])
        approve_decisions(decisions=chosen, actor=actor, at=timezone.now(), note="Overdue today")
    standing_floor.answer_and_pay()


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
