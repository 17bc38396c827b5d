"""
Accounts that a full snapshot does not name: they are closed or flagged, or a person decides.

The names are read from the file once more, so that an account whose row was rejected counts as named.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may
from cases.enums import AccountStatus, IntakeMode, IntakeState, MissingRule, MissingState, TotalsState
from cases.models import IntakeFile
from cases.rules.profile.records import Profile
from cases.rules.profile.row_reader import row_reader
from cases.services.intake.lease import Hold
from cases.services.intake.readers.inspection import Inspection
from cases.services.intake.readers.opening import open_rows
from cases.services.intake.readers.rows import Openable
from cases.services.intake.staging import sql_word

SETTLE: Final = "cases.settle_missing"
READ_ROWS: Final = 10_000
# In these states a person may still decide.
UNDECIDED: Final = (MissingState.HELD, MissingState.UNREAD)
_CLOSED: Final = sql_word(AccountStatus.CLOSED)
_ENDED: Final = f"({_CLOSED}, {sql_word(AccountStatus.WRITTEN_OFF)})"
_OPEN: Final = f"a.source = %(source)s AND a.status NOT IN {_ENDED}"
# An account with figures newer than the snapshot is not missing. A flagged account is not flagged twice.
_MISSING: Final = f"""
    {_OPEN} AND a.as_of <= %(as_of)s AND (%(rule)s = {sql_word(MissingRule.CLOSE)} OR a.missing_since IS NULL)
    AND NOT EXISTS (SELECT FROM intake_named n WHERE n.ref = a.external_ref)"""


@dataclass(slots=True)
class _NamedSoFar:
    """What reading the account numbers of a file has found: its latest day, and rows without a readable number."""

    as_of: date | None = None
    unread: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counts:
    """Open accounts of the source that are known, and how many of them the file does not name."""

    known: int
    missing: int


def settle_missing(*, hold: Hold, path: Openable, found: Inspection, profile: Profile) -> None:
    """
    Close or flag the accounts of the profile's source that the file, taken in to its end, does not name.

    A person decides if the account number of a row cannot be read, or if the missing accounts are a larger share of the
    source's open accounts than the profile allows. While a person has to say whether rows are totals, nothing is closed,
    and the file's record holds what becomes of the accounts if they are. Nothing happens if a newer snapshot of the source was taken in. A dry
    run only counts. The file's record holds the state and the counts. One transaction, a few statements.

    :raises IntakeLost: if another worker has taken the file over.
    """
    file, at = hold.file, hold.at
    rule = profile.snapshot.missing.upper()
    with transaction.atomic():
        named = _gather_named(path, found, profile, hold)
        counts = _find_missing(file, {"source": profile.source, "as_of": named.as_of, "rule": rule, "file": file.pk})
        without_doubtful = _state(file, profile, named, counts)
        # The record was loaded before the rows were read.
        asks = IntakeFile.objects.filter(pk=file.pk, totals_state=TotalsState.ASKED).exists()
        state = MissingState.UNREAD if asks else without_doubtful
        if state == MissingState.SETTLED:
            _close_or_flag(file_id=file.pk, as_of=named.as_of, rule=rule, at=at)
        hold.write(
            as_of=named.as_of,
            missing_state=state,
            missing_if_totals=without_doubtful if asks else "",
            missing_rule=rule,
            missing_count=counts.missing,
            known_count=counts.known,
        )


@transaction.atomic
def confirm_missing(*, file: IntakeFile, actor: Any, at: datetime) -> int:
    """
    Close or flag the missing accounts of a held snapshot and return how many accounts changed.

    Accounts that have newer figures by now are left alone.

    :raises NotAllowed: if the actor is no person or may not decide this.
    :raises SelfApproval: if the actor took the file in.
    :raises StateConflict: if it is decided already, or a newer snapshot of the source has been taken in.
    """
    _decide(file=file, state=MissingState.SETTLED, actor=actor, at=at)
    as_of = file.as_of
    if as_of is None or _has_newer_snapshot(file, as_of):
        raise StateConflict(_("A newer snapshot of this source has been taken in. Nothing was closed."))
    changed = _close_or_flag(file_id=file.pk, as_of=as_of, rule=file.missing_rule, at=at)
    record(actor=actor, action="intake.missing_settled", subject=file, at=at, body={"accounts": changed})
    return changed


def settle_without_totals(*, file: IntakeFile, at: datetime) -> int:
    """
    Do what would have become of the missing accounts if the file had no rows of totals; return how many changed.

    Call it in the transaction of the answer. Nothing changes if a person has decided meanwhile, if the file is no
    snapshot, or if a newer snapshot of the source has been taken in.
    """
    state = file.missing_if_totals
    if state == MissingState.SETTLED and (file.as_of is None or _has_newer_snapshot(file, file.as_of)):
        state = MissingState.LATE
    waiting = IntakeFile.objects.filter(pk=file.pk, missing_state=MissingState.UNREAD).exclude(missing_if_totals="")
    if waiting.update(missing_state=state, missing_if_totals="") != 1 or state != MissingState.SETTLED:
        return 0
    return _close_or_flag(file_id=file.pk, as_of=file.as_of, rule=file.missing_rule, at=at)


@transaction.atomic
def drop_missing(*, file: IntakeFile, actor: Any, at: datetime) -> None:
    """
    Leave the missing accounts of a held snapshot as they are.

    :raises NotAllowed: if the actor is no person or may not decide this.
    :raises SelfApproval: if the actor took the file in.
    :raises StateConflict: if it is decided already.
    """
    _decide(file=file, state=MissingState.DROPPED, actor=actor, at=at)
    file.missing.all().delete()
    record(actor=actor, action="intake.missing_dropped", subject=file, at=at, body={"accounts": file.missing_count})


def _decide(*, file: IntakeFile, state: MissingState, actor: Any, at: datetime) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=SETTLE)
    if file.taken_by_id == actor.pk:
        raise SelfApproval
    undecided = IntakeFile.objects.filter(pk=file.pk, missing_state__in=UNDECIDED)
    if undecided.update(missing_state=state, settled_by=actor, settled_at=at) != 1:
        raise StateConflict


def _state(file: IntakeFile, profile: Profile, named: _NamedSoFar, counts: _Counts) -> MissingState:
    if named.as_of is None or named.unread:
        return MissingState.UNREAD
    if _has_newer_snapshot(file, named.as_of):
        return MissingState.LATE
    if not counts.missing:
        return MissingState.NONE
    if file.dry_run:
        return MissingState.TRIED
    if counts.missing > profile.snapshot.max_share * counts.known:
        return MissingState.HELD
    return MissingState.SETTLED


def _has_newer_snapshot(file: IntakeFile, as_of: date) -> bool:
    newer = IntakeFile.objects.filter(
        source=file.source, mode=IntakeMode.SNAPSHOT, state=IntakeState.FINISHED, dry_run=False, as_of__gt=as_of
    )
    return newer.exclude(pk=file.pk).exists()


def _find_missing(file: IntakeFile, values: dict[str, Any]) -> _Counts:
    """Store which accounts are missing (a dry run only counts them), and drop the temporary table of names."""
    with connection.cursor() as cursor:
        # Two snapshots of one source are settled one after the other: the second finds what the first has closed.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('intake ' || %(source)s))", values)
        if not file.dry_run:
            cursor.execute(
                "UPDATE cases_account a SET source = %(source)s FROM intake_named n"
                " WHERE a.external_ref = n.ref AND a.source = ''",
                values,
            )
        cursor.execute(f"SELECT count(*) FROM cases_account a WHERE {_OPEN}", values)  # noqa: S608  constants
        known = cursor.fetchone()[0]
        if file.dry_run:
            cursor.execute(f"SELECT count(*) FROM cases_account a WHERE {_MISSING}", values)  # noqa: S608  constants
            missing = cursor.fetchone()[0]
        else:
            cursor.execute(
                "INSERT INTO cases_intakemissing (file_id, account_id)"  # noqa: S608  constants
                f" SELECT %(file)s, a.id FROM cases_account a WHERE {_MISSING}"
                " ON CONFLICT (file_id, account_id) DO NOTHING",
                values,
            )
            missing = file.missing.count()
        cursor.execute("DROP TABLE intake_named")
    return _Counts(known=known, missing=missing)


def _close_or_flag(*, file_id: int, as_of: date | None, rule: str, at: datetime) -> int:
    """Close or flag the file's missing accounts; return how many accounts changed."""
    closes = f"status = {_CLOSED}, " if rule == MissingRule.CLOSE else ""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        # Clearing the row digest makes the account's next row be read, even if its cells are the same as before.
        cursor.execute(
            f"UPDATE cases_account a SET {closes}missing_since = COALESCE(a.missing_since, %(as_of)s),"  # noqa: S608  constants
            " source_digest = '', updated_at = %(at)s FROM cases_intakemissing m"
            " WHERE m.file_id = %(file)s AND a.id = m.account_id AND a.as_of <= %(as_of)s"
            f" AND a.status NOT IN {_ENDED}",
            {"as_of": as_of, "at": at, "file": file_id},
        )
        changed: int = cursor.rowcount
    return changed


def _gather_named(path: Openable, found: Inspection, profile: Profile, hold: Hold) -> _NamedSoFar:
    """Copy the account numbers that the file names into a temporary table."""
    so_far = _NamedSoFar()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE intake_named (ref text) ON COMMIT DROP")
        with cursor.copy("COPY intake_named (ref) FROM STDIN") as copy:
            for ref in _account_numbers(path, found, profile, hold, so_far):
                copy.write_row((ref,))
        cursor.execute("ANALYZE intake_named")
    return so_far


def _account_numbers(
    path: Openable, found: Inspection, profile: Profile, hold: Hold, so_far: _NamedSoFar
) -> Iterator[str]:
    """Yield the readable account numbers of the file, and write to `so_far` what the rows show."""
    account = next(block for block in profile.blocks if block.section == "account")
    only = {name: account.mappings[name] for name in ("external_ref", "as_of") if name in account.mappings}
    narrow = replace(profile, blocks=(replace(account, mappings=only),))
    with open_rows(path=path, found=found, profile=profile) as rows:
        read = row_reader(profile=narrow, header=rows.header, latest=hold.at.date())
        for batch in rows.batches(READ_ROWS):
            hold.renew()
            for _number, cells in batch:
                row = read(cells)
                values = row.single.get("account", {})
                ref = values.get("external_ref")
                if ref is None:
                    so_far.unread += 1
                    continue
                as_of = None if row.problems else values.get("as_of")
                if as_of is not None and (so_far.as_of is None or as_of > so_far.as_of):
                    so_far.as_of = as_of
                yield ref
