"""Contacts, repayments, promises and suspicion signals of the demo's borrowers before the first business date."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING

from backoffice.demo.characters import Character

if TYPE_CHECKING:
    from backoffice.demo.borrowers import SyntheticBorrower

Row = tuple[object, ...]
COST = {"APP": "0.0050", "SMS": "0.0450", "VOICE": "0.1500"}
# Of a hundred attempts at each character, how many reach the borrower in person.
REACHED = {
    Character.PUNCTUAL: 60,
    Character.FORGETFUL: 55,
    Character.IN_HARDSHIP: 40,
    Character.UNREACHABLE: 0,
    Character.EVASIVE: 8,
    Character.FALSE_DATA: 0,
    Character.DISPUTING: 45,
}
# One hour in each part of the day, all within 08:00 to 20:00.
HOURS = (10, 15, 18)
PLAN = ("SMS", "APP", "VOICE", "SMS", "VOICE", "APP", "VOICE", "SMS", "VOICE")


def contacts_of(borrower: SyntheticBorrower, business_date: date, seed: int) -> Iterator[Row]:
    """Yield the contact attempts of the last weeks: at most one a day, none before the account was overdue."""
    random = Random(f"{seed}:contacts:{borrower.borrower_ref}")
    attempts = min(len(PLAN), max(1, borrower.days_past_due // 4))
    for number, channel in enumerate(PLAN[:attempts]):
        day = business_date - timedelta(
            days=min(borrower.days_past_due, 3 * (attempts - number) - random.randint(0, 1))
        )
        moment = datetime.combine(day, time(HOURS[number % 3], random.randrange(60), random.randrange(60)))
        for phone in borrower.phones if channel == "VOICE" else borrower.phones[:1]:
            outcome = outcome_of(borrower.character, channel, random)
            yield (
                f"{borrower.borrower_ref}-C{number}{phone[-1]}",
                borrower.borrower_ref,
                channel,
                outcome,
                "否" if channel == "VOICE" and outcome == "NO_ANSWER" and random.random() < 0.1 else "是",
                "" if channel == "APP" else phone,
                moment.isoformat(sep=" "),
                COST[channel],
            )


def outcome_of(character: Character, channel: str, random: Random) -> str:
    if channel == "VOICE":
        if random.randrange(100) < REACHED[character]:
            return "RIGHT_PARTY"
        if character == Character.FALSE_DATA:
            return random.choice(("NO_SUCH_NUMBER", "SUSPENDED", "NO_SUCH_NUMBER"))
        if character == Character.EVASIVE:
            return random.choice(("REFUSED", "SWITCHED_OFF", "NO_ANSWER"))
        return random.choice(("NO_ANSWER", "NO_ANSWER", "BUSY", "SWITCHED_OFF"))
    if character in (Character.UNREACHABLE, Character.FALSE_DATA):
        return random.choice(("DELIVERED", "NOT_DELIVERED"))
    return random.choice(("DELIVERED", "READ"))


def repayments_of(borrower: SyntheticBorrower) -> Iterator[Row]:
    """Yield the two latest paid instalments, each paid on or before its due date."""
    paid = [m for m in borrower.months if m.paid > 0][-2:]
    for month in paid:
        day = month.due_on - timedelta(days=borrower.number % 4)
        yield f"{borrower.account_ref}-{month.period:%Y%m}", borrower.account_ref, month.paid, day.isoformat(), "代扣"


def promises_of(borrower: SyntheticBorrower, business_date: date, seed: int) -> Iterator[Row]:
    """Yield promises to pay: evasive borrowers break them, those in hardship break some, forgetful ones keep them."""
    random = Random(f"{seed}:promises:{borrower.borrower_ref}")
    chances = {
        Character.EVASIVE: (0.7, 2, "BROKEN"),
        Character.IN_HARDSHIP: (0.4, 1, "BROKEN"),
        Character.FORGETFUL: (0.3, 1, "KEPT"),
    }
    chance, most, end = chances.get(borrower.character, (0.0, 0, ""))
    if borrower.days_past_due < 15 or random.random() >= chance:
        return
    amount = max(Decimal(100), min(borrower.arrears, borrower.instalment))
    for number in range(random.randint(1, most)):
        due = business_date - timedelta(days=5 + number * 7)
        yield (
            f"{borrower.account_ref}-V{number}",
            borrower.account_ref,
            "VOICE",
            amount,
            (due - timedelta(days=4)).isoformat(),
            due.isoformat(),
            end,
            (due + timedelta(days=4 if end == "BROKEN" else 0)).isoformat(),
        )


def signals_of(borrower: SyntheticBorrower, business_date: date, seed: int) -> Iterator[Row]:
    """Yield suspicion signals; some concern borrowers whose data are true."""
    random = Random(f"{seed}:signals:{borrower.borrower_ref}")
    kinds: tuple[str, ...] = ()
    if borrower.character == Character.FALSE_DATA:
        kinds = tuple(
            random.sample(
                ("FALSE_ADDRESS", "FALSE_EMPLOYER", "DOCUMENT_DOUBTFUL", "DEVICE_SHARED"), random.randint(1, 2)
            )
        )
    elif borrower.character == Character.EVASIVE and random.random() < 0.4:
        kinds = ("EVASION", "EVASION")
    elif random.random() < 0.01:
        kinds = ("FALSE_ADDRESS",)
    for number, kind in enumerate(kinds):
        confidence = (
            random.uniform(0.6, 0.95) if borrower.character == Character.FALSE_DATA else random.uniform(0.3, 0.7)
        )
        noticed = business_date - timedelta(days=random.randint(3, 30) + number)
        yield (
            f"{borrower.borrower_ref}-S{number}",
            borrower.borrower_ref,
            kind,
            "反欺诈",
            f"{confidence:.2f}",
            noticed.isoformat(),
        )
