"""Files of events, for tests of what the intake makes of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cases.services.intake.take_in import take_in

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)


def event_file(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "feed.csv"
    path.write_text(text, encoding=encoding)
    return path


def take(path: Path, profile: str) -> Any:
    return take_in(path=path, profile=profile, actor=None, at=AT)


def counts(result: Any) -> tuple[int, int, int, int, int]:
    return result.rows, result.created, result.updated, result.unchanged, result.rejected


CONTACTS = "记录号,客户号,渠道,结果,回执,号码,时间,成本\n"


PROMISES = "承诺号,借据号,渠道,金额,承诺日期,到期日期,状态,结算日期\n"


REPAYMENTS = "流水号,借据号,金额,入账日期,方式\n"


REVERSALS = "冲正号,原流水号,金额,冲正日期,原因\n"
