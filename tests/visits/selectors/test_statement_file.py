"""The file of a statement: lines and sums, harmless in a spreadsheet, in the reader's language."""

from typing import Any

from django.utils.translation import override

from visits.models import VisitOrder
from visits.selectors.statement_file import statement_csv


def test_the_file_has_the_lines_by_day_and_the_sums(statement: Any, django_assert_num_queries: Any) -> None:
    orders = {line.done_on.isoformat(): str(VisitOrder(pk=line.order_id)) for line in statement.lines.all()}

    # sums, lines
    with override("en"), django_assert_num_queries(2):
        content = statement_csv(statement=statement)

    assert content.decode("utf-8").split("\r\n") == [
        f"\ufeff{statement},SJ,'=守矩,2026-02,Draft",
        "Visit order,Day of the visit,Paid for,Amount,Currency,State",
        f"{orders['2026-01-09']},2026-01-09,Per visit made,120.20,CNY,As computed",
        f"{orders['2026-02-10']},2026-02-10,Per visit made,120.10,CNY,As computed",
        f"{orders['2026-02-11']},2026-02-11,Travel,9.99,USD,As computed",
        "Sum,,Per visit made,240.30,CNY,",
        "Sum,,Travel,9.99,USD,",
        "Total,,,240.30,CNY,",
        "Total,,,9.99,USD,",
        "",
    ]
