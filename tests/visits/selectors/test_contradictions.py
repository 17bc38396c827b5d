"""Which contradictions a page shows, and in which order."""

from decimal import Decimal

from cases.models import SuspicionSignal
from tests.factories.visits import AT
from visits.models import Contradiction
from visits.selectors.contradictions import contradictions_of


def make(borrower, number, state, weight):
    ref = f"X-{number}"
    signal = SuspicionSignal.objects.create(
        borrower=borrower,
        external_ref=ref,
        kind="FALSE_ADDRESS",
        source="CONTRADICTION:APPLICATION/LEASE",
        confidence=weight,
        noticed_on=AT.date(),
        created_at=AT,
    )
    settled = {"settled_at": AT} if state == "CLEARED" else {}
    return Contradiction.objects.create(
        external_ref=ref,
        borrower=borrower,
        subject="HOME",
        left_source="APPLICATION",
        left_ref="borrower:1",
        right_source="LEASE",
        right_ref=f"paper:{number}",
        weight=weight,
        decided_by="UTILITY_BILL",
        state=state,
        signal=signal,
        found_at=AT,
        updated_at=AT,
        **settled,
    )


def test_open_ones_come_first_then_the_heaviest_and_what_is_gone_is_left_out(case, officer, coordinator):
    rows = [
        make(case.borrower, 1, "OPEN", Decimal("0.30")),
        make(case.borrower, 2, "CLEARED", Decimal("0.90")),
        make(case.borrower, 3, "OPEN", Decimal("0.60")),
        make(case.borrower, 4, "GONE", Decimal("0.60")),
    ]
    assert list(contradictions_of(user=officer, borrower=case.borrower)) == [rows[2], rows[0], rows[1]]
    assert list(contradictions_of(user=coordinator, borrower=case.borrower)) == []
