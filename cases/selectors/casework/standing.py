"""The standing of an account: its score and band, and the way up."""

from dataclasses import dataclass
from datetime import date

from cases.models import Account, Statement
from cases.rules.standing_ladder import MONTHS_COUNTED, Band, Period, Step, band_of, next_step, score_of


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStanding:
    """
    A score from 0 to 1000 with its band, None without any period in 36 months, and the next step up.

    There is no step without a score, nor in the best band.
    """

    score: int | None
    band: Band | None
    step: Step | None


def standing_of_account(*, account: Account, on: date) -> AccountStanding:
    """Return the standing of an account on a day. One query."""
    rows = Statement.objects.filter(account=account, period__lte=on).order_by("-period")[:MONTHS_COUNTED]
    periods = [period_of(statement=row, on=on) for row in rows]
    score = score_of(periods=periods)
    return AccountStanding(
        score=score, band=None if score is None else band_of(score=score), step=next_step(periods=periods)
    )


def period_of(*, statement: Statement, on: date) -> Period:
    """Return a statement as the ladder reads it on a day, by calendar months. No query."""
    months_ago = (on.year - statement.period.year) * 12 + on.month - statement.period.month
    return Period(months_ago=max(months_ago, 0), days_past_due=statement.days_past_due, is_idle=statement.is_idle)
