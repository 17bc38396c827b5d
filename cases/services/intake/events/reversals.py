"""Merge bookings that take repayments back: lock the repayments, rule on each row, write what is sound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from cases.enums import CaseEventKind
from cases.rules.profile.refusals import Refused
from cases.rules.reversals import AskedReversal, KnownRepayment, KnownReversal, rule_on_reversals
from cases.selectors.casework.open_cases import open_cases_of
from cases.services.casework.events import write_events
from cases.services.intake.events.tables import REVERSAL
from cases.services.intake.repayments import reckon_taken_back
from cases.services.intake.staging import REFS, as_refs


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedReversals:
    """The references of new and of changed reversals, and the refusals of the others by reference."""

    created: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    refused: dict[str, Refused] = field(default_factory=dict)


def asked_reversals(*, values: Mapping[str, Sequence[Any]]) -> list[AskedReversal]:
    """Return the rows of section `reversal`; `values` are its columns, of which unmapped ones are missing."""
    absent = [None] * len(values["external_ref"])
    columns = [
        values.get(name, absent) for name in ("external_ref", "repayment", "amount", "reversed_on", "reason", "account")
    ]
    return [
        AskedReversal(
            ref=ref, repayment=repayment, amount=amount, reversed_on=day, reason=reason, account=account or None
        )
        for ref, repayment, amount, day, reason, account in zip(*columns, strict=True)
    ]


def negative_repayments(*, values: Mapping[str, Sequence[Any]]) -> dict[int, AskedReversal]:
    """
    Return the rows of section `repayment` that take one back, by position: those with a negative amount.

    Only a profile that maps `reverses` lets such rows through.
    """
    if "reverses" not in values:
        return {}
    reasons = values.get("reason", [None] * len(values["amount"]))
    return {
        position: AskedReversal(
            ref=values["external_ref"][position],
            repayment=values["reverses"][position],
            amount=-amount,
            reversed_on=values["paid_on"][position],
            reason=reasons[position],
            account=values["account"][position],
            section="repayment",
        )
        for position, amount in enumerate(values["amount"])
        if amount < 0
    }


def merge_reversals(*, rows: Sequence[AskedReversal], at: datetime) -> MergedReversals:
    """
    Merge rows in the order of the file, stamped with `at`; the staging table of reversals must be empty.

    What is left of the repayments follows at once; promises and plans when they are settled next. A constant number of
    statements. Needs a transaction.
    """
    if not rows:
        return MergedReversals()
    repayments = _lock_repayments(rows)
    standing = _standing(rows)
    ruling = rule_on_reversals(asked=rows, repayments=repayments, standing=standing)
    sound = [row for row in rows if row.ref in ruling.amounts]
    columns: dict[str, list[Any]] = {
        "external_ref": [row.ref for row in sound],
        "repayment_ref": [row.repayment for row in sound],
        "amount": [ruling.amounts[row.ref] for row in sound],
        "reversed_on": [row.reversed_on for row in sound],
        "reason": [row.reason for row in sound],
    }
    REVERSAL.copy(REVERSAL.text(columns=columns, count=len(sound)))
    written = {row.reference for row in REVERSAL.merge(at=at)}
    if written:
        reckon_taken_back(repayments={row.repayment for row in sound if row.ref in written})
        _log_to_timelines(written, at)
    return MergedReversals(created=written - standing.keys(), changed=written & standing.keys(), refused=ruling.refused)


def _lock_repayments(rows: Sequence[AskedReversal]) -> dict[str, KnownRepayment]:
    """Return the stored repayments of `rows`, locked: two files that take one back wait for each other."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.external_ref, a.external_ref, r.amount, r.paid_on "  # noqa: S608  constants
            "FROM cases_repayment r JOIN cases_account a ON a.id = r.account_id "
            f"WHERE r.external_ref = ANY({REFS}) ORDER BY r.external_ref FOR NO KEY UPDATE OF r",
            [as_refs(sorted({row.repayment for row in rows}))],
        )
        return {
            ref: KnownRepayment(account=account, amount=amount, paid_on=paid_on)
            for ref, account, amount, paid_on in cursor.fetchall()
        }


def _standing(rows: Sequence[AskedReversal]) -> dict[str, KnownReversal]:
    """Return the stored reversals of the repayments of `rows`, and those that `rows` correct."""
    selected = (
        "SELECT back.external_ref, r.external_ref, back.amount FROM cases_repaymentreversal back "
        "JOIN cases_repayment r ON r.id = back.repayment_id WHERE "
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"{selected} r.external_ref = ANY({REFS}) UNION {selected} back.external_ref = ANY({REFS})",
            [as_refs({row.repayment for row in rows}), as_refs({row.ref for row in rows})],
        )
        return {ref: KnownReversal(repayment=repayment, amount=amount) for ref, repayment, amount in cursor.fetchall()}


def _log_to_timelines(written: set[str], at: datetime) -> None:
    """Write into the open cases of the people that a repayment was taken back from one of their borrowers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.borrower_id, r.external_ref, back.amount, a.currency, back.reversed_on, back.reason "  # noqa: S608
            "FROM cases_repaymentreversal back JOIN cases_repayment r ON r.id = back.repayment_id "
            "JOIN cases_account a ON a.id = r.account_id "
            f"WHERE back.external_ref = ANY({REFS}) ORDER BY back.id",
            [as_refs(written)],
        )
        rows = cursor.fetchall()
    cases = open_cases_of(borrowers={row[0] for row in rows})
    events = [
        (
            cases[borrower],
            {
                "action": "taken_back",
                "repayment": repayment,
                "amount": str(amount),
                "currency": currency,
                "on": on.isoformat(),
                "why": why,
            },
        )
        for borrower, repayment, amount, currency, on, why in rows
        if borrower in cases
    ]
    write_events(kind=CaseEventKind.REPAYMENT, actor=None, at=at, events=events)
