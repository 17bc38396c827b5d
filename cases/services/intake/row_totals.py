"""
Rows of totals in a lender's file: a person says once whether rows that look like totals are such.

Until then they are rejected and a snapshot closes nothing. A word that a person confirms is written to the profile, and
rows that begin with it are passed over from then on.
"""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import NotAllowed, StateConflict
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may
from cases.enums import IntakeState, TotalsState
from cases.models import IntakeFile, IntakeProfile
from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused
from cases.services.intake.feed import RejectedRow
from cases.services.intake.lease import Hold
from cases.services.intake.missing_accounts import settle_without_totals
from cases.services.intake.readers.kept_rows import FileContents
from cases.services.intake.rejects import keep_rejects

ANSWER: Final = "cases.change_intakeprofile"


def keep_contents(*, hold: Hold, contents: FileContents) -> None:
    """
    Write how many rows of each kind the file has, and reject those that look like totals.

    :raises IntakeLost: if another worker has taken the file over.
    """
    doubtful = contents.doubtful
    rows = [
        RejectedRow(number=row.number, cells=row.cells, problems=[Refused(refusals.LOOKS_LIKE_TOTAL, word=row.word)])
        for row in doubtful
    ]
    with transaction.atomic():
        keep_rejects(file=hold.file, rows=rows, header=contents.header, at=hold.at)
        hold.write(
            total_count=contents.rows + len(doubtful),
            blank_count=contents.blank,
            totals_count=contents.totals,
            doubtful_rows=[[row.number, row.word] for row in doubtful],
            totals_state=TotalsState.ASKED if doubtful else "",
            row_count=F("row_count") + len(doubtful),
            rejected_count=F("rejected_count") + len(doubtful),
        )


@transaction.atomic
def confirm_totals(*, file: IntakeFile, actor: Any, at: datetime) -> bool:
    """
    Take the doubtful rows of a file as totals; return whether the profile remembers their words from now on.

    The rows count no longer as rows or rejects, and the missing accounts of a snapshot are judged as if the rows had
    never been there. A shipped profile, or one in a file, cannot remember: then the answer holds for this file only.

    :raises NotAllowed: if the actor is no person, may not change profiles, or not those of every territory.
    :raises StateConflict: if it is answered already, or the file is not taken in to its end.
    """
    rows = _answer(file=file, state=TotalsState.TOTALS, actor=actor, at=at)
    file.rejects.filter(reason=refusals.LOOKS_LIKE_TOTAL).delete()
    IntakeFile.objects.filter(pk=file.pk).update(
        row_count=F("row_count") - len(rows),
        rejected_count=F("rejected_count") - len(rows),
        total_count=F("total_count") - len(rows),
        totals_count=F("totals_count") + len(rows),
    )
    changed = settle_without_totals(file=file, at=at)
    words = sorted({word for _number, word in rows})
    remembered = remember_total_words(profile_name=file.profile_name, words=words, actor=actor, at=at)
    record(
        actor=actor,
        action="intake.totals_confirmed",
        subject=file,
        at=at,
        body={"rows": len(rows), "accounts": changed, "remembered": remembered},
    )
    return remembered


@transaction.atomic
def deny_totals(*, file: IntakeFile, actor: Any, at: datetime) -> None:
    """
    Say that the doubtful rows of a file are no totals: they stay rejected, and a person decides on missing accounts.

    :raises NotAllowed: if the actor is no person, may not change profiles, or not those of every territory.
    :raises StateConflict: if it is answered already, or the file is not taken in to its end.
    """
    rows = _answer(file=file, state=TotalsState.ROWS, actor=actor, at=at)
    record(actor=actor, action="intake.totals_denied", subject=file, at=at, body={"rows": len(rows)})


def remember_total_words(*, profile_name: str, words: list[str], actor: Any, at: datetime) -> bool:
    """
    Keep words of totals with the lender's own profile, with an audit entry; return False if there is no own profile.

    Every version of the profile passes over such rows from now on. Call it in a transaction.
    """
    profile = IntakeProfile.objects.select_for_update(no_key=True).filter(name=profile_name).first()
    if profile is None:
        return False
    new = [word for word in words if word not in profile.total_words]
    if new:
        profile.total_words = [*profile.total_words, *new]
        profile.save(update_fields=["total_words"])
        record(actor=actor, action="profile.totals_kept", subject=profile, at=at, body={"words": len(new)})
    return True


def _answer(*, file: IntakeFile, state: TotalsState, actor: Any, at: datetime) -> list[tuple[int, str]]:
    """Store the answer, and return the rows that it is about: number and word."""
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=ANSWER)
    must_act_everywhere(actor=actor)
    asked = IntakeFile.objects.filter(pk=file.pk, totals_state=TotalsState.ASKED, state=IntakeState.FINISHED)
    if asked.update(totals_state=state, totals_answered_by=actor, totals_answered_at=at) != 1:
        raise StateConflict(_("This is answered already, or the file is not taken in to its end."))
    file.refresh_from_db()
    return [(number, word) for number, word in file.doubtful_rows]
