"""Synthetic borrowers of the demo, each with one account and six months of statements; fixed by seed and number."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from backoffice.demo.characters import SHARES, Character, character_of
from backoffice.demo.names import mobile_number

MONTHS = 6
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """One statement of a synthetic account. `days_past_due` is at its close."""

    period: date
    due_on: date
    balance: Decimal
    due: Decimal
    paid: Decimal
    days_past_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticBorrower:
    """One synthetic borrower with one account, on the business date."""

    number: int
    borrower_ref: str
    account_ref: str
    character: Character
    days_past_due: int
    limit: Decimal
    rate: str
    outstanding: Decimal
    arrears: Decimal
    instalment: Decimal
    months: tuple[Month, ...]
    last_login_at: datetime
    phones: tuple[str, ...]


def synthetic_borrowers(*, accounts: int, business_date: date, seed: int) -> Iterator[SyntheticBorrower]:
    """Yield every borrower of the portfolio, numbered from 1."""
    for number in range(1, accounts + 1):
        yield synthetic_borrower(number=number, business_date=business_date, seed=seed)


def synthetic_borrower(*, number: int, business_date: date, seed: int) -> SyntheticBorrower:
    """Return one borrower of the portfolio."""
    ref = f"D{number:07d}"
    character = character_of(external_ref=ref, seed=seed)
    random = Random(f"{seed}:story:{ref}")
    lowest, highest = SHARES[character][1]
    late = random.randint(lowest, highest) if highest else 0
    limit = Decimal(
        random.choices((8_000, 20_000, 50_000, 80_000, 120_000, 200_000, 300_000), (10, 22, 26, 18, 13, 8, 3))[0]
    )
    outstanding = (limit * Decimal(random.randint(45 if late else 10, 100)) / 100).quantize(CENT)
    instalment = (outstanding / random.choice((6, 9, 12, 12, 18))).quantize(CENT)
    missed = (late + 29) // 30
    arrears = min(outstanding, (instalment * missed * Decimal("1.01")).quantize(CENT))
    silent = character in (Character.UNREACHABLE, Character.FALSE_DATA)
    login = datetime.combine(business_date, datetime.min.time()) - timedelta(
        days=random.randint(15, 120) if silent else random.randint(1, 40), seconds=random.randrange(36_000)
    )
    phones = (mobile_number(number=number * 2), mobile_number(number=number * 2 + 1))
    return SyntheticBorrower(
        number=number,
        borrower_ref=ref,
        account_ref=f"{ref}-1",
        character=character,
        days_past_due=late,
        limit=limit,
        rate=random.choice(("14.4", "16.2", "18.0", "19.8", "21.6", "23.4")),
        outstanding=outstanding,
        arrears=arrears,
        instalment=instalment,
        months=tuple(
            _months(business_date, late, outstanding, instalment, random.choice((*range(MONTHS), *[-1] * MONTHS)))
        ),
        last_login_at=login,
        phones=phones if random.random() < 0.3 else phones[:1],
    )


def _months(business_date: date, late: int, outstanding: Decimal, instalment: Decimal, slip: int) -> Iterator[Month]:
    """Yield the last six closed months, oldest first: paid until the first instalment that is still open."""
    first = business_date.replace(day=1)
    periods = []
    for _back in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        periods.append(first)
    unpaid_since = business_date - timedelta(days=late)
    for back, period in reversed(list(enumerate(periods))):
        close = (period + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        due_on = period + timedelta(days=19)
        # One punctual account in two was late once, in one of its older months.
        slipped = not late and slip == back
        days = max(0, (close - unpaid_since).days) if late else 11 if slipped else 0
        is_paid = not late or due_on < unpaid_since
        yield Month(
            period=period,
            due_on=due_on,
            balance=outstanding + (instalment * back if is_paid else 0),
            due=instalment,
            paid=instalment if is_paid else Decimal(0),
            days_past_due=days,
        )
