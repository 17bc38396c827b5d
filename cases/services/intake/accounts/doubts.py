"""Values of taken rows that do not have the form of their field: kept sealed for the desk, and offered as a sign."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.db import connection
from django.utils.timezone import localdate

from backoffice.core.sealed.sealing import keyed_digests, seal_all
from cases.enums import DoubtState
from cases.models import DoubtfulCell, SuspicionSignal
from cases.rules.doubts import SOURCE_OF_FILES, field_of, sign_at_intake
from cases.rules.parts_of_borrowers import part_reference
from cases.rules.profile.records import Profile
from cases.rules.profile.refusals import Doubt
from cases.services.intake.accounts.tables import DOUBT
from cases.services.intake.staging import REFS, as_refs, sql_word

MAX_KEPT: Final = 500
_OPEN: Final = sql_word(DoubtState.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowerDoubt:
    """One doubt of a borrower, as it is digested and staged."""

    field: str
    value: str
    reason: str
    params: Mapping[str, str]


def doubtful_fields(*, profile: Profile) -> list[str]:
    """Return the fields of a profile whose values can be doubtful, such as "borrower.id_number"."""
    return sorted(
        f"{block.section}.{name}"
        for block in profile.blocks
        for name, source in block.mappings.items()
        if source.field.doubtful
    )


def borrower_doubt(*, doubt: Doubt) -> BorrowerDoubt:
    """Return the doubt of a cell as one of its borrower: the field without its block, at most `MAX_KEPT` characters."""
    value = doubt.value[:MAX_KEPT].encode("utf-8", "replace").decode("utf-8")
    return BorrowerDoubt(field=field_of(key=doubt.field), value=value, reason=doubt.reason, params=doubt.params)


def doubt_text(*, doubts: Iterable[tuple[str, BorrowerDoubt]]) -> str:
    """Return the COPY text of doubts, each with the reference of its borrower; the values are sealed."""
    rows = list(doubts)
    if not rows:
        return ""
    borrower_refs = [ref for ref, _doubt in rows]
    found = [doubt for _ref, doubt in rows]
    digests = keyed_digests(texts=[f"{doubt.field}:{doubt.value}" for doubt in found], kind="doubt")
    refs = [part_reference(borrower_ref=ref, digest=digest) for ref, digest in zip(borrower_refs, digests, strict=True)]
    signs = [sign_at_intake(field=doubt.field, reason=doubt.reason) for doubt in found]
    columns: dict[str, Sequence[Any]] = {
        "borrower_ref": borrower_refs,
        "external_ref": refs,
        "field": [doubt.field for doubt in found],
        "value": seal_all(texts=[doubt.value for doubt in found], place="cases_doubtfulcell.value", bound_to=refs),
        "reason": [doubt.reason for doubt in found],
        "reason_params": [json.dumps(dict(doubt.params)) for doubt in found],
        "signal_kind": [sign.kind.value if sign else None for sign in signs],
        "confidence": [sign.confidence if sign else Decimal(0) for sign in signs],
    }
    return DOUBT.text(columns=columns, count=len(rows))


# A sign that a file gave, and only such a one, ends when its doubt is gone and counts again when it comes back, but for one
# that a verification or a person has answered.
_GIVE_SIGNS: Final = f"""
    INSERT INTO cases_suspicionsignal (borrower_id, external_ref, kind, source, confidence, noticed_on, created_at)
    SELECT doubt.borrower_id, 'D-' || s.external_ref, s.signal_kind, %(source)s, s.confidence, %(on)s, %(at)s
    FROM {DOUBT.stage} s
    CROSS JOIN LATERAL (
        SELECT borrower_id, state FROM cases_doubtfulcell WHERE external_ref = s.external_ref LIMIT 1
    ) doubt
    WHERE s.signal_kind IS NOT NULL AND doubt.state = {_OPEN}
    ORDER BY s.external_ref
    ON CONFLICT (external_ref) DO UPDATE SET cleared_on = NULL
    WHERE cases_suspicionsignal.cleared_on IS NOT NULL AND cases_suspicionsignal.answer = ''
"""  # noqa: S608  constants
# LATERAL with LIMIT and OFFSET leaves the planner only the indexes.
_GONE: Final = f"""
    SELECT doubt.id, doubt.external_ref
    FROM unnest({REFS}) named (ref)
    CROSS JOIN LATERAL (SELECT id FROM cases_borrower WHERE external_ref = named.ref LIMIT 1) b
    CROSS JOIN LATERAL (
        SELECT id, external_ref, field, source FROM cases_doubtfulcell
        WHERE borrower_id = b.id AND state = {_OPEN} OFFSET 0
    ) doubt
    WHERE doubt.source = COALESCE(current_setting('doorstep.intake_source', true), '') AND doubt.field = ANY(%s)
      AND NOT EXISTS (SELECT 1 FROM {DOUBT.stage} s WHERE s.external_ref = doubt.external_ref)
    ORDER BY doubt.id
"""  # noqa: S608  constants


def merge_doubts(*, borrower_refs: Sequence[str], fields: Sequence[str], is_staged: bool, at: datetime) -> int:
    """
    Write the staged doubts with their signs, end those that the borrowers' rows no longer have; return how many are new.

    `borrower_refs` are the borrowers of the batch whose content has changed, `fields` the fields that the profile reads
    ("borrower.id_number"): a doubt of another field or source is left alone.
    """
    new = len(DOUBT.merge(at=at)) if is_staged else 0
    gone: list[tuple[int, str]] = []
    with connection.cursor() as cursor:
        if is_staged:
            cursor.execute(_GIVE_SIGNS, {"on": localdate(at), "at": at, "source": SOURCE_OF_FILES})
        if borrower_refs:
            cursor.execute(_GONE, [as_refs(borrower_refs), list(fields)])
            gone = cursor.fetchall()
    if gone:
        DoubtfulCell.objects.filter(pk__in=[pk for pk, _ref in gone]).update(state=DoubtState.GONE, settled_at=at)
        SuspicionSignal.objects.filter(
            external_ref__in=[f"D-{ref}" for _pk, ref in gone], cleared_on__isnull=True
        ).update(cleared_on=localdate(at))
    return new
