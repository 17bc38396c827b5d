"""What a dry run would change, as counts and as CSV."""

from django.utils.translation import override

from cases.models import IntakeDifference
from cases.selectors.intake.differences import TableDifference, difference_csv, difference_tables

DIFFERENCE = IntakeDifference(
    counts={
        "account": {"new": 1, "changed": 2, "fields": {"credit_limit": 1, "days_past_due": 2}},
        "statement": {"new": 0, "changed": 0, "fields": {}},
    },
    sample=[["account", "K1", "credit_limit", "100.00", "=250"], ["borrower", "P1", "name", "", ""]],
)


def test_difference_tables_leave_out_what_stays_and_order_fields_by_count() -> None:
    with override("en"):
        tables = difference_tables(difference=DIFFERENCE)

    assert tables == [TableDifference(name="accounts", new=1, changed=2, fields=(("Days past due", 2), ("Limit", 1)))]


def test_difference_csv_masks_personal_values_and_starts_no_formula() -> None:
    with override("en"):
        lines = "".join(difference_csv(difference=DIFFERENCE)).removeprefix("\ufeff").splitlines()

    assert lines == [
        "record,reference,field,before,after",
        "account,K1,credit_limit,100.00,'=250",
        "borrower,P1,name,***,***",
    ]
