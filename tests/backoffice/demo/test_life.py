"""Between two feeds of the demo a repayment of the former one bounces."""

import csv
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from backoffice.demo.life import live
from cases.models import Repayment
from tests.factories.portfolio import make_account, make_borrower

SINCE, UNTIL = date(2026, 3, 2), date(2026, 3, 16)


def test_a_repayment_of_the_former_feed_bounces_and_is_owed_again(shanghai: Any, tmp_path: Path) -> None:
    account = make_account(
        borrower=make_borrower(territory=shanghai, external_ref="D0000012"), external_ref="D0000012-1", as_of=SINCE
    )
    Repayment.objects.create(
        account=account,
        external_ref="D0000012-1-R260302",
        amount=Decimal("80.50"),
        paid_on=date(2026, 2, 26),
        created_at=datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC),
    )

    feeds = live(folder=tmp_path, since=SINCE, until=UNTIL, seed=7)

    with feeds.reversals.open(encoding="utf-8", newline="") as stream:
        assert list(csv.DictReader(stream)) == [
            {
                "冲正号": "D0000012-1-R260302-B",
                "原流水号": "D0000012-1-R260302",
                "金额": "",
                "冲正日期": "2026-03-03",
                "原因": "代扣退回",
            }
        ]
    with feeds.accounts.open(encoding="utf-8", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["逾期天数"], row["逾期金额"]) == ("19", str(account.arrears_amount + Decimal("80.50")))
