"""What happens to the demo's borrowers between two feeds: contacts, payments, and more days past due."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from django.db.models import Exists, OuterRef

from backoffice.demo.borrowers import CENT
from backoffice.demo.characters import Character, character_of
from backoffice.demo.history import COST, HOURS, outcome_of
from backoffice.demo.portfolio import (
    CONTACT_COLUMNS,
    AccountDay,
    write_accounts_delta,
    write_repayments,
    write_reversals,
)
from cases.enums import PromiseState, VerificationSource
from cases.models import Account, BorrowerFlag, IntakeFile, PromiseToPay, Repayment, RepaymentPlan, Verification

# Probability of paying the arrears within 14 days: after app, SMS and voice only; after a visit that met the borrower.
PAYS = {
    Character.PUNCTUAL: (0.9, 0.95),
    Character.FORGETFUL: (0.35, 0.85),
    Character.IN_HARDSHIP: (0.04, 0.12),
    Character.UNREACHABLE: (0.04, 0.55),
    Character.EVASIVE: (0.03, 0.15),
    Character.FALSE_DATA: (0.01, 0.05),
    Character.DISPUTING: (0.05, 0.10),
}
KEEPS_A_PROMISE = 0.7
# Percent of the borrowers without arrears who become overdue within 14 days.
NEWLY_LATE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Feeds:
    """The files of 14 days, each with the intake profile that reads it."""

    contacts: Path
    repayments: Path
    reversals: Path
    accounts: Path

    @property
    def in_order(self) -> tuple[tuple[str, Path], ...]:
        return (
            ("demo-contacts", self.contacts),
            ("demo-repayments", self.repayments),
            ("demo-reversals", self.reversals),
            ("demo-accounts-delta", self.accounts),
        )


def live(*, folder: Path, since: date, until: date, seed: int) -> Feeds:
    """
    Write the contacts, repayments, a bounced repayment and account states of the days after `since` up to `until`.

    Files whose intake has begun are not written again: an interrupted demo continues with the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    feeds = Feeds(
        contacts=folder / f"contacts-{until}.csv",
        repayments=folder / f"repayments-{until}.csv",
        reversals=folder / f"reversals-{until}.csv",
        accounts=folder / f"accounts-{until}.csv",
    )
    if feeds.accounts.exists() and IntakeFile.objects.filter(file_name=feeds.contacts.name).exists():
        return feeds
    met = Verification.objects.filter(
        borrower=OuterRef("borrower"),
        source=VerificationSource.VISIT,
        right_party_met=True,
        verified_on__gte=since - timedelta(days=14),
    )
    protected = BorrowerFlag.objects.filter(borrower=OuterRef("borrower"), cleared_at=None)
    on_plan = RepaymentPlan.objects.filter(account=OuterRef("pk"), state="ACTIVE")
    accounts = Account.objects.annotate(met=Exists(met), protected=Exists(protected), on_plan=Exists(on_plan))
    promises = {
        promise.account_id: promise
        for promise in PromiseToPay.objects.filter(state=PromiseState.OPEN, due_on__gt=since - timedelta(days=3))
    }
    days, paid, tried = [], [], []
    bounced = _bounced(since)
    for account in accounts.select_related("borrower").order_by("pk").iterator(chunk_size=2000):
        ref = account.borrower.external_ref
        dice = Random(f"{seed}:{until}:{ref}")
        if bounced is not None and account.pk == bounced.account_id:
            days.append(_after_bounce(account, bounced, until))
            continue
        if account.arrears_amount == 0:
            late = (
                (account.outstanding_principal / 12).quantize(CENT) if dice.randrange(100) < NEWLY_LATE else Decimal(0)
            )
            # An account that is not overdue is told of too: the standing job judges nobody by old figures.
            days_late = dice.randint(1, 13) if late > 0 else 0
            days.append(_state(account, until, days_late, late, account.outstanding_principal))
            continue
        character = character_of(external_ref=ref, seed=seed)
        if not account.protected and not account.on_plan:  # type: ignore[attr-defined]  # annotated above
            tried += _attempts(ref, character, since, until, dice)
        amount = _payment(account, character, promises.get(account.pk), dice)
        if amount:
            span = (until - since).days
            day = since + timedelta(days=dice.randint(min(3, span), span))
            paid.append((f"{account.external_ref}-R{until:%y%m%d}", account.external_ref, amount, day, "主动还款"))
        days.append(_after(account, amount, since, until))
    _write_contacts(feeds.contacts, tried)
    write_repayments(path=feeds.repayments, rows=paid)
    back = [] if bounced is None else [(f"{bounced}-B", str(bounced), since + timedelta(days=1), "代扣退回")]
    write_reversals(path=feeds.reversals, rows=back)
    write_accounts_delta(path=feeds.accounts, days=days)
    return feeds


def _bounced(since: date) -> Repayment | None:
    """Return a repayment of the 14 days before that bounces: of a promise that was kept, if there is one."""
    kept = PromiseToPay.objects.filter(account=OuterRef("account"), state=PromiseState.KEPT, settled_here=True)
    rows = Repayment.objects.left_on(since).filter(external_ref__endswith=f"-R{since:%y%m%d}")
    return rows.annotate(of_promise=Exists(kept)).order_by("-of_promise", "pk").first()


def _after_bounce(account: Account, bounced: Repayment, until: date) -> AccountDay:
    late = max(account.days_past_due, 1) + (until - bounced.paid_on).days
    return _state(
        account, until, late, account.arrears_amount + bounced.amount, account.outstanding_principal + bounced.amount
    )


def _payment(account: Account, character: Character, promise: PromiseToPay | None, dice: Random) -> Decimal:
    alone, after_visit = PAYS[character]
    if dice.random() < (after_visit if account.met else alone):  # type: ignore[attr-defined]  # annotated by live()
        return account.arrears_amount
    if promise is not None and dice.random() < KEEPS_A_PROMISE:
        return min(account.arrears_amount, promise.amount)
    if account.on_plan and dice.random() < KEEPS_A_PROMISE:  # type: ignore[attr-defined]  # annotated by live()
        return min(account.arrears_amount, (account.outstanding_principal / 24).quantize(CENT))
    return Decimal(0)


def _after(account: Account, paid: Decimal, since: date, until: date) -> AccountDay:
    arrears, outstanding = account.arrears_amount - paid, max(Decimal(0), account.outstanding_principal - paid)
    late = account.days_past_due + (until - account.as_of).days
    if arrears == 0:
        return _state(account, until, 0, arrears, outstanding)
    if late // 30 > account.days_past_due // 30:
        # One more instalment has fallen due since the last feed.
        arrears = min(outstanding, arrears + (arrears / max(1, account.days_past_due // 30)).quantize(CENT))
    return _state(account, until, late, max(arrears, CENT), max(outstanding, CENT))


def _state(account: Account, day: date, late: int, arrears: Decimal, outstanding: Decimal) -> AccountDay:
    return AccountDay(
        external_ref=account.external_ref, days_past_due=late, arrears=arrears, outstanding=outstanding, as_of=day
    )


def _attempts(ref: str, character: Character, since: date, until: date, dice: Random) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    span = (until - since).days
    for number, channel in enumerate(dice.sample(("SMS", "APP", "VOICE", "VOICE"), dice.randint(2, 4))):
        day = since + timedelta(days=min(span, 1 + number * 3 + dice.randrange(3)))
        moment = datetime.combine(day, time(HOURS[number % 3], dice.randrange(60), dice.randrange(60)))
        rows.append(
            (
                f"{ref}-L{until:%y%m%d}{number}",
                ref,
                channel,
                outcome_of(character, channel, dice),
                "是",
                "",
                moment.isoformat(sep=" "),
                COST[channel],
            )
        )
    return rows


def _write_contacts(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(CONTACT_COLUMNS)
        sheet.writerows(rows)
