"""The daily position of the portfolio."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, CharField, Count, DateField, Exists, F, OuterRef, Q, Sum, Value, When

from backoffice.audit.services import record
from backoffice.core.batches import insert_select
from cases.enums import AccountStatus, CaseStage
from cases.models import Account
from cases.models import Case as BorrowerCase
from reports.models import DailyPosition

# Upper bounds in days past due of the buckets (domain 1, five-class and M buckets: thirty days each).
BUCKETS = (("M0", 0), ("M1", 30), ("M2", 60), ("M3", 90), ("M4", 120), ("M5", 150), ("M6", 180))
OVER = "M6+"
COLUMNS = (
    "business_date",
    "territory_id",
    "currency",
    "bucket",
    "account_count",
    "outstanding",
    "arrears",
    "open_cases",
)


@transaction.atomic
def write_daily_position(*, business_date: date, at: datetime) -> int:
    """
    Write the portfolio as it is now as the position of `business_date` and return the number of rows.

    One row for each territory, currency and bucket of days past due that has accounts; closed accounts do not count.
    Money is in the row's currency. Called again for the same date it replaces the rows. Two statements, however large
    the portfolio.
    """
    bucket = Case(
        *[When(days_past_due__lte=upper, then=Value(name)) for name, upper in BUCKETS],
        default=Value(OVER),
        output_field=CharField(),
    )
    open_case = BorrowerCase.objects.filter(borrower=OuterRef("borrower")).exclude(stage=CaseStage.CLOSED)
    rows = (
        Account.objects.exclude(status=AccountStatus.CLOSED)
        .order_by()
        .annotate(in_bucket=bucket)
        .values("territory_id", "currency", "in_bucket")
        .annotate(
            day=Value(business_date, output_field=DateField()),
            n=Count("pk"),
            owed=Sum("outstanding_principal"),
            late=Sum("arrears_amount"),
            cases=Count("borrower", distinct=True, filter=Q(Exists(open_case))),
        )
        .values_list("day", F("territory_id"), F("currency"), "in_bucket", "n", "owed", "late", "cases")
    )
    DailyPosition.objects.filter(business_date=business_date).delete()
    updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS[4:])
    written = insert_select(
        model=DailyPosition,
        columns=COLUMNS,
        rows=rows,
        # Of two callers at once the second waits for the first and then writes the same rows.
        conflict=f"(business_date, territory_id, currency, bucket) DO UPDATE SET {updates}",
    )
    record(
        actor=None,
        action="positions.written",
        subject=("reports.dailyposition", business_date.isoformat()),
        at=at,
        body={"rows": written},
    )
    return written
