"""
A full snapshot says which accounts are gone: those of its source that it does not name are closed or flagged.

What it names is read from the file once more, so that an account whose row was rejected counts as named.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may
from cases.enums import IntakeMode, IntakeState, MissingRule, MissingState
from cases.models import IntakeFile
from cases.rules.profile.records import Profile
from cases.rules.profile.row_reader import row_reader
from cases.services.intake.lease import Hold
from cases.services.intake.readers.inspection import Inspection, open_rows
from cases.services.intake.readers.rows import Openable

SETTLE: Final = "cases.settle_missing"
READ_ROWS: Final = 10_000
# Left alone so far, and a person may still decide.
UNDECIDED: Final = (MissingState.HELD, MissingState.UNREAD)
_OPEN: Final = "a.source = %(source)s AND a.status NOT IN ('CLOSED', 'WRITTEN_OFF')"
# An account that a newer feed spoke of is not judged by an older snapshot.
_MISSING: Final = f"""
    {_OPEN} AND a.as_of <= %(as_of)s AND (%(rule)s = 'CLOSE' OR a.missing_since IS NULL)
    AND NOT EXISTS (SELECT FROM intake_named n WHERE n.ref = a.external_ref)"""


def settle_missing(*, hold: Hold, path: Openable, found: Inspection, profile: Profile) -> None:
    """
    Close or flag the accounts of the profile's source that the file, taken in to its end, does not name.

    Nothing is closed where a newer snapshot of the source is known, where a row's account number cannot be read, or
    where they are a larger share of the source's open accounts than the profile allows: then a person decides. A dry
    run only counts. The file's record says what was done and why. One transaction, a few statements.

    :raises IntakeLost: if another worker has taken the file over.
    """
    file, at = hold.file, hold.at
    with transaction.atomic():
        as_of, unread = _gather_named(path, found, profile, hold)
        values: dict[str, Any] = {
            "file": file.pk,
            "source": profile.source,
            "as_of": as_of,
            "rule": profile.snapshot.missing.upper(),
            "at": at,
        }
        with connection.cursor() as cursor:
            # Two snapshots of one source at once: the second sees what the first has settled.
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
                cursor.execute(f"SELECT count(*) FROM cases_account a WHERE {_MISSING}", values)  # noqa: S608
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
        state = _judged(file, profile, as_of, unread=unread, known=known, missing=missing)
        if state == MissingState.SETTLED:
            _settle(file_id=file.pk, as_of=as_of, rule=values["rule"], at=at)
        hold.write(
            as_of=as_of, missing_state=state, missing_rule=values["rule"], missing_count=missing, known_count=known
        )


@transaction.atomic
def confirm_missing(*, file: IntakeFile, actor: Any, at: datetime) -> int:
    """
    Close or flag the missing accounts of a snapshot that was held for a person; return how many it changed.

    Accounts that a newer feed has spoken of meanwhile are left alone.

    :raises NotAllowed: if the actor is no person or may not decide this.
    :raises SelfApproval: if the actor took the file in.
    :raises StateConflict: if it is decided already, or a newer snapshot of the source has been taken in.
    """
    _decide(file=file, state=MissingState.SETTLED, actor=actor, at=at)
    as_of = file.as_of
    if as_of is None or _newer(file, as_of):
        raise StateConflict(_("A newer snapshot of this source has been taken in. Nothing was closed."))
    changed = _settle(file_id=file.pk, as_of=as_of, rule=file.missing_rule, at=at)
    record(actor=actor, action="intake.missing_settled", subject=file, at=at, body={"accounts": changed})
    return changed


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


def _judged(
    file: IntakeFile, profile: Profile, as_of: date | None, *, unread: int, known: int, missing: int
) -> MissingState:
    if as_of is None or unread:
        return MissingState.UNREAD
    if _newer(file, as_of):
        return MissingState.LATE
    if not missing:
        return MissingState.NONE
    if file.dry_run:
        return MissingState.TRIED
    if missing > profile.snapshot.max_share * known:
        return MissingState.HELD
    return MissingState.SETTLED


def _newer(file: IntakeFile, as_of: date) -> bool:
    newer = IntakeFile.objects.filter(
        source=file.source, mode=IntakeMode.SNAPSHOT, state=IntakeState.FINISHED, dry_run=False, as_of__gt=as_of
    )
    return newer.exclude(pk=file.pk).exists()


def _settle(*, file_id: int, as_of: date | None, rule: str, at: datetime) -> int:
    """Close or flag what the file's rows of missing accounts name; return how many accounts changed."""
    closes = "status = 'CLOSED', " if rule == MissingRule.CLOSE else ""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        # Without its digest the account's next row is read anew, even where it says what the last one said.
        cursor.execute(
            f"UPDATE cases_account a SET {closes}missing_since = COALESCE(a.missing_since, %(as_of)s),"  # noqa: S608  a constant
            " source_digest = '', updated_at = %(at)s FROM cases_intakemissing m"
            " WHERE m.file_id = %(file)s AND a.id = m.account_id AND a.as_of <= %(as_of)s"
            " AND a.status NOT IN ('CLOSED', 'WRITTEN_OFF')",
            {"as_of": as_of, "at": at, "file": file_id},
        )
        changed: int = cursor.rowcount
    return changed


def _gather_named(path: Openable, found: Inspection, profile: Profile, hold: Hold) -> tuple[date | None, int]:
    """Put the account numbers that the file names in a temporary table; return its day and its unreadable rows."""
    seen: dict[str, Any] = {"as_of": None, "unread": 0}
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE intake_named (ref text) ON COMMIT DROP")
        with cursor.copy("COPY intake_named (ref) FROM STDIN") as copy:
            for ref in _named(path, found, profile, hold, seen):
                copy.write_row((ref,))
        cursor.execute("ANALYZE intake_named")
    return seen["as_of"], seen["unread"]


def _named(path: Openable, found: Inspection, profile: Profile, hold: Hold, seen: dict[str, Any]) -> Iterator[str]:
    account = next(b for b in profile.blocks if b.section == "account")
    only = {n: account.mappings[n] for n in ("external_ref", "as_of") if n in account.mappings}
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
                    seen["unread"] += 1
                    continue
                as_of = None if row.problems else values.get("as_of")
                if as_of is not None and (seen["as_of"] is None or as_of > seen["as_of"]):
                    seen["as_of"] = as_of
                yield ref
