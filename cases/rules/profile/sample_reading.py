"""Read the rows of a sample by a profile, as the intake reads them: taken and rejected, with the reasons."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cases.rules.profile import refusals
from cases.rules.profile.cell_texts import text_reader
from cases.rules.profile.records import Profile, Source
from cases.rules.profile.refusals import Doubt, Refused
from cases.rules.profile.row_reader import constant_of, is_constant, row_reader, value_reader
from cases.rules.profile.row_values import ReadRow

Reason = tuple[str, str, Mapping[str, str], int]
_Counted = tuple[str, str, tuple[tuple[str, str], ...]]
SHOWN_ROWS: Final = 20
_LONGEST_REASONS: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedRow:
    """One row of the sample, with its number in the file."""

    number: int
    row: ReadRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """
    What became of a sample: its first 20 rows, and counts over all of them.

    `reasons` of rejected rows and `doubts` of taken ones are (field, reason, parameters, rows), the most frequent first.
    """

    shown: tuple[TriedRow, ...]
    taken: int
    rejected: int
    reasons: tuple[Reason, ...]
    doubts: tuple[Reason, ...] = ()

    def counts(self) -> dict[str, Any]:
        """Return the counts as a version keeps them; they hold no cell of the sample."""
        return {
            "rows": self.taken + self.rejected,
            "taken": self.taken,
            "rejected": self.rejected,
            "reasons": [[field, reason, dict(params), rows] for field, reason, params, rows in self.reasons],
            "doubts": [[field, reason, dict(params), rows] for field, reason, params, rows in self.doubts],
        }


def read_sample(
    *,
    profile: Profile,
    header: Sequence[str],
    rows: Sequence[tuple[int, Sequence[str]]],
    latest: date,
    territories: Collection[str],
) -> Tried:
    """
    Return what becomes of the rows (number, cells) of a sample.

    `latest` is the last day that figures may have, `territories` are the codes that exist. What only the stored portfolio
    tells (an unknown account, older figures) is not tried.
    """
    read = row_reader(profile=profile, header=header, latest=latest)
    known = {*territories, *(card.code for card in profile.territories)}
    shown: list[TriedRow] = []
    rejected = 0
    reasons: Counter[_Counted] = Counter()
    doubts: Counter[_Counted] = Counter()
    seen: set[str] = set()
    for number, cells in rows:
        row = read(list(cells))
        row.problems.extend(_between_rows(row, known, seen))
        if len(shown) < SHOWN_ROWS:
            shown.append(TriedRow(number=number, row=row))
        rejected += bool(row.problems)
        for problem in row.problems:
            reasons[_counted(problem)] += 1
        for doubt in () if row.problems else row.doubts:
            doubts[_counted(doubt)] += 1
    return Tried(
        shown=tuple(shown),
        taken=len(rows) - rejected,
        rejected=rejected,
        reasons=_most_common(reasons),
        doubts=_most_common(doubts),
    )


def _counted(found: Refused | Doubt) -> _Counted:
    return (found.field, found.reason, tuple(sorted(found.params.items())))


def _most_common(counted: Counter[_Counted]) -> tuple[Reason, ...]:
    return tuple(
        (field, reason, dict(params), count) for (field, reason, params), count in counted.most_common(_LONGEST_REASONS)
    )


def _between_rows(row: ReadRow, territories: Collection[str], seen: set[str]) -> Iterator[Refused]:
    """Yield the problems that the intake finds by the territories and the rows before; `seen` are references so far."""
    if row.problems:
        return
    for section in ("borrower", "account"):
        code = row.single.get(section, {}).get("territory")
        if code and code not in territories:
            yield Refused(refusals.NO_SUCH_TERRITORY, field="borrower.territory", value=code)
    # The last section with a reference of its own: of accounts the account, not its borrower.
    named = [(section, values["external_ref"]) for section, values in row.single.items() if "external_ref" in values]
    section, reference = named[-1] if named else ("", None)
    if reference:
        if reference in seen:
            yield Refused(refusals.TWICE_IN_FILE, field=f"{section}.external_ref", value=reference)
        seen.add(reference)


def example_of(
    *, source: Source, profile: Profile, header: Sequence[str], rows: Sequence[tuple[int, Sequence[str]]]
) -> tuple[str, Any] | None:
    """
    Return the first filled text of a field's source in the sample with the value that it becomes, or None if there is none.

    :raises Refused: with the reason, if the text is not taken.
    """
    if is_constant(source):
        return ("", constant_of(source))
    index = {name: position for position, name in enumerate(header)}
    text_of, value_of = text_reader(source, index, profile.file.empty), value_reader(source)
    for _number, cells in rows:
        text = text_of(cells) if len(cells) == len(header) else ""
        if text:
            value = value_of(text)
            if isinstance(value, Doubt):
                raise Refused(value.reason, field=value.field, value=value.value, **value.params)
            return (text, value)
    return None
