"""The conduct guard over a day's candidates: reading the facts of approved orders, and judging each of them."""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Final

from django.db import connection

from backoffice.access.models import User
from backoffice.bench import sweep_floor
from backoffice.bench.portfolio import BUSINESS_DATE, fill
from backoffice.bench.registry import ProgressLog, Result
from backoffice.bench.sweep import ACCOUNTS_A_CASE, AT
from backoffice.core.collector import collector_by_hand
from visits.models import VisitOrder
from visits.rules.conduct.contact import CrewMember as CrewStanding
from visits.services.dispatch.plan_writing import candidates, facts_of
from visits.services.dispatch.sweeping import sweep_visits_needed
from visits.services.orders.conduct_guard import day_there, proposal, refusals_to_schedule

CHUNK: Final = 2_000
# The Wednesday after, at 10:30 in Shanghai.
STARTS_AT: Final = datetime.combine(BUSINESS_DATE, datetime.min.time(), tzinfo=UTC) + timedelta(
    days=2, hours=2, minutes=30
)


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    Measure the guard over the approved orders of about `scale` cases, as planning a day asks it, in chunks.

    `gathering_seconds` are the orders and the facts from the database, `judging_seconds` the rules alone. The rate counts
    orders by both together.
    """
    log_progress(f"making {scale:,} cases")
    fill(scale=scale * ACCOUNTS_A_CASE)
    sweep_floor.make_cases(scale=scale)
    sweep_visits_needed(at=AT, business_date=BUSINESS_DATE)
    approver = User.objects.create(username="bench")
    VisitOrder.objects.update(state="APPROVED", approved_by=approver, approved_at=AT)
    # Some are no longer due by the time that they are planned.
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cases_borrowerflag (borrower_id, kind, source, source_ref, set_at)"
            " SELECT borrower_id, 'COMPLAINT', 'CALL', '', %s FROM cases_case WHERE borrower_id %% 10 = 0",
            [AT],
        )
        cursor.execute("VACUUM ANALYZE")
    ids = list(VisitOrder.objects.order_by("pk").values_list("pk", flat=True))
    crew = _crew()
    refused: Counter[str] = Counter()
    gathering = judging = 0.0
    cpu_began = time.process_time()
    for first in range(0, len(ids), CHUNK):
        began = time.monotonic()
        # As the planning worker does.
        with collector_by_hand():
            orders = candidates(order_ids=ids[first : first + CHUNK], actor=None)
            facts = facts_of(orders=orders, at=AT)
            gathered = time.monotonic()
            for order in orders:
                known = facts[order.case.borrower_id]
                asked = proposal(
                    order=order,
                    starts_at=STARTS_AT,
                    notice_at=AT,
                    mandate_on=day_there(policy=known.policy, at=AT),
                    crew=crew,
                    facts=known,
                )
                for each in refusals_to_schedule(asked=asked, facts=known):
                    refused[each.rule] += 1
        gathering, judging = gathering + gathered - began, judging + time.monotonic() - gathered
    own = time.process_time() - cpu_began
    log_progress(f"{len(ids):,} orders: gathering {gathering:.2f} s, judging {judging:.2f} s, refused {dict(refused)}")
    return Result(
        seconds=gathering + judging,
        items=len(ids),
        extra={
            "orders": len(ids),
            "gathering_seconds": round(gathering, 3),
            "judging_seconds": round(judging, 3),
            # What the bench's process itself computed; where others use the machine, this is what compares.
            "own_cpu_seconds": round(own, 3),
            "per_own_cpu_second": round(len(ids) / own, 1),
            "judged_per_s": round(len(ids) / judging, 1) if judging else None,
            "refused": dict(sorted(refused.items())),
        },
    )


def _crew() -> tuple[CrewStanding, ...]:
    return tuple(
        CrewStanding(
            ref=f"P{n}",
            agency_ref="G1",
            confirmed=True,
            screened=True,
            certified=True,
            confidentiality_signed=True,
            exam_passed_on=date(2026, 1, 1),
        )
        for n in range(2)
    )
