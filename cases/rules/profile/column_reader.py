"""
Reading a batch of rows column by column: what `row_reader` would read, at a fraction of its price.

Both readers turn texts into values by the same compiled functions. This one calls them once for every different text
of a column and looks at plain text all at once. A row in which anything is refused is read again by `row_reader`, so
that problems are told by one definition alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import compress, repeat
from typing import Any, Final

from cases.rules.profile.conversions import CONTROL
from cases.rules.profile.derivations import DERIVATIONS
from cases.rules.profile.fields import REPEATED, STATEMENT
from cases.rules.profile.records import Block, Profile, Source
from cases.rules.profile.refusals import Refused
from cases.rules.profile.row_reader import (
    EVENT_DAYS,
    Cells,
    constant_of,
    is_constant,
    leaves_out,
    row_reader,
    text_reader,
    value_reader,
)

Rows = Sequence[Cells]
Columns = dict[str, list[Any]]
# Above so many different texts a column is no list of words, and remembering them costs more than reading them.
MOST_REMEMBERED: Final = 8192
_REFUSED: Final = object()
_LEFT_OUT: Final = object()


@dataclass(slots=True, kw_only=True)
class Part:
    """One block of the profile that may be absent from a row: the rows that have it, and its mapped fields."""

    rows: list[int]
    values: Columns


@dataclass(slots=True, kw_only=True)
class ReadColumns:
    """
    What a batch says. Only mapped fields have a column; every column of `single` is as long as `sound`.

    `sound` are the positions in the batch of the rows read, in order; `rows` of a part are positions in `sound`.
    `problems` are those of the other rows, by position in the batch.
    """

    sound: list[int]
    single: dict[str, Columns] = field(default_factory=dict)
    repeated: dict[str, list[Part]] = field(default_factory=dict)
    problems: dict[int, list[Refused]] = field(default_factory=dict)

    def keep(self, without: Iterable[int]) -> None:
        """Take the rows at the positions `without` of `sound` out of every column."""
        wanted = [True] * len(self.sound)
        for position in without:
            wanted[position] = False
        if all(wanted):
            return
        place, kept = [], 0
        for is_wanted in wanted:
            place.append(kept)
            kept += is_wanted
        self.sound = list(compress(self.sound, wanted))
        for columns in self.single.values():
            for name, values in columns.items():
                columns[name] = list(compress(values, wanted))
        for parts in self.repeated.values():
            for part in parts:
                mask = [wanted[r] for r in part.rows]
                part.rows = [place[r] for r in compress(part.rows, mask)]
                part.values = {n: list(compress(v, mask)) for n, v in part.values.items()}


class ColumnReader:
    """Reads batches of one file. Remembers what texts mean from batch to batch, within bounds."""

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date) -> None:
        index = {name: position for position, name in enumerate(header)}
        self._width = len(header)
        self._horizon = latest + timedelta(days=1)
        self._again = row_reader(profile=profile, header=header, latest=latest)
        self._blocks = [
            (b, {n: _Column(s, index, profile, b) for n, s in b.mappings.items() if not s.derive})
            for b in profile.blocks
        ]
        self._derived = [(b.section, n, s.derive) for b in profile.blocks for n, s in b.mappings.items() if s.derive]
        self._repeated = frozenset(REPEATED.get(profile.kind, {}))
        periods = [b.mappings["period"] for b in profile.blocks if b.section == "statements"]
        named = {constant_of(p) for p in periods if is_constant(p)}
        # Periods that the profile itself names, each once, need not be compared row by row.
        self._compares_periods = len(named) != len(periods)

    def column(self, section: str, name: str, rows: Rows) -> list[str | None]:
        """Return one field of `rows` for looking rows up: None where it cannot be read or is not mapped."""
        column = next((c[name] for b, c in self._blocks if b.section == section and name in c), None)
        fits = [r for r in rows if len(r) == self._width]
        if column is None:
            return [None] * len(rows)
        values = [v if isinstance(v, str) else None for v in column.read(fits)]
        if len(fits) == len(rows):
            return values
        found = iter(values)
        return [next(found) if len(r) == self._width else None for r in rows]

    def read(self, rows: Rows) -> ReadColumns:
        """Return what `rows` say."""
        sound = [position for position, cells in enumerate(rows) if len(cells) == self._width]
        read = ReadColumns(sound=sound)
        fits = rows if len(sound) == len(rows) else [rows[p] for p in sound]
        refused: set[int] = set()
        for block, columns in self._blocks:
            self._read_block(block, columns, fits, read, refused)
        read.keep(refused)
        for section, name, derive in self._derived:
            read.single[section][name] = [DERIVATIONS[derive](s) for s in _statements(read)]
        read.keep(self._contradictory(read))
        taken = set(read.sound)
        for position, cells in enumerate(rows):
            if position not in taken:
                read.problems[position] = self._again(cells).problems
        return read

    def _read_block(
        self, block: Block, columns: dict[str, "_Column"], rows: Rows, read: ReadColumns, refused: set[int]
    ) -> None:
        values: Columns = {}
        there = range(len(rows))
        if block.only_if:
            found = columns[block.only_if].read(rows)
            refused.update(p for p, v in enumerate(found) if v is _REFUSED)
            here = [p for p, v in enumerate(found) if v and v is not _LEFT_OUT]
            if len(here) < len(rows):
                there, rows = here, [rows[p] for p in here]  # type: ignore[assignment]
                found = [found[p] for p in here]
            values[block.only_if] = found
        for name, column in columns.items():
            if name == block.only_if:
                continue
            values[name] = found = column.read(rows)
            if column.refused:
                refused.update(p for p, v in zip(there, found, strict=True) if v is _REFUSED)
        if block.section in self._repeated:
            read.repeated.setdefault(block.section, []).append(Part(rows=list(there), values=values))
        else:
            read.single[block.section] = values

    def _contradictory(self, read: ReadColumns) -> set[int]:
        """Return the positions of the rows in which only the whole row shows a problem."""
        found: set[int] = set()
        for section, names in EVENT_DAYS.items():
            for name in names:
                if section in read.single and name in read.single[section]:
                    found.update(self._future(read.single[section][name]))
                for part in read.repeated.get(section, ()):
                    found.update(part.rows[p] for p in self._future(part.values.get(name, ())))
        account = read.single.get("account", {})
        if "opened_on" in account:
            days = zip(account["opened_on"], account["as_of"], strict=True)
            found.update(p for p, (opened, as_of) in enumerate(days) if opened and opened > as_of)
        if self._compares_periods:
            seen: set[tuple[int, date]] = set()
            for part in read.repeated.get("statements", ()):
                for key in zip(part.rows, part.values["period"], strict=True):
                    if key in seen:
                        found.add(key[0])
                    seen.add(key)
        promise = read.single.get("promise")
        if promise:
            nothing = repeat(None)
            for position, (due, promised, state, settled) in enumerate(
                zip(
                    promise["due_on"],
                    promise["promised_on"],
                    promise.get("state", nothing),
                    promise.get("settled_on", nothing),
                    strict=False,  # `nothing` repeats without end
                )
            ):
                if due < promised or (state in ("KEPT", "BROKEN") and not settled):
                    found.add(position)
        return found

    def _future(self, days: Sequence[date | datetime | None]) -> list[int]:
        # Most often all lie in the past, and the latest of a batch shows it.
        latest = max((d for d in days if d is not None), default=None)
        if latest is None or _day(latest) <= self._horizon:
            return []
        return [p for p, d in enumerate(days) if d is not None and _day(d) > self._horizon]


class _Column:
    """One mapped field: its texts out of the cells, and their values."""

    def __init__(self, source: Source, index: dict[str, int], profile: Profile, block: Block) -> None:
        name = source.key.rpartition(".")[2]
        self.refused = False
        self._constant = is_constant(source)
        if self._constant:
            self._value = constant_of(source)
            return
        self._text = text_reader(source, index, profile.file.empty)
        self._position = index[source.columns[0]] if len(source.columns) == 1 and not source.template else None
        self._empty = profile.file.empty
        self._read = value_reader(source, profile)
        self._decides = name == block.only_if
        self._known: dict[str, Any] = {}
        self._varies = False
        self._longest = source.field.longest if _is_plain(source, profile) else None

    def read(self, rows: Rows) -> list[Any]:
        """Return the values; the markers for what is refused, or leaves the block out, where there is none."""
        self.refused = False
        if self._constant:
            return [self._value] * len(rows)
        texts = self._texts(rows)
        if self._longest is not None and (plain := self._plain(texts)) is not None:
            return plain
        if self._varies:
            return [self._one(t) for t in texts]
        known = self._known
        for text in set(texts).difference(known):
            known[text] = self._one(text)
        values = [known[t] for t in texts]
        self.refused = _REFUSED in known.values() if len(known) < len(values) else _REFUSED in values
        if len(known) > MOST_REMEMBERED:
            self._varies = 2 * len(known) > len(texts)
            self._known = {}
        return values

    def _texts(self, rows: Rows) -> list[str]:
        if self._position is None:
            return [self._text(cells) for cells in rows]
        position, empty = self._position, self._empty
        if not empty:
            return [cells[position].strip() for cells in rows]
        return ["" if (t := cells[position].strip()) in empty else t for cells in rows]

    def _one(self, text: str) -> Any:
        try:
            return self._read(text)
        except Refused as refused:
            if self._decides and leaves_out(refused):
                return _LEFT_OUT
            self.refused = True
            return _REFUSED

    def _plain(self, texts: list[str]) -> list[Any] | None:
        """Return the texts as they stand if all of them may, else None. Longer or odd ones are looked at one by one."""
        if CONTROL.search("".join(texts)) or max(map(len, texts), default=0) > self._longest:  # type: ignore[operator]
            return None
        if all(texts):
            return texts
        blank = self._one("")
        return None if blank is _REFUSED or blank is _LEFT_OUT else [t or blank for t in texts]


def _is_plain(source: Source, profile: Profile) -> bool:
    """Return whether a sound text of this field is taken as it stands."""
    return (
        source.conversion.as_ == source.field.as_ == "text"
        and source.field.choices is None
        and source.words is None
        and not source.pattern
        and not source.conversion.strip
        and not (profile.chinese_ids and source.key == "borrower.id_number")
    )


def _statements(read: ReadColumns) -> list[list[dict[str, Any]]]:
    """Return the statements of every sound row, as derivations read them."""
    found: list[list[dict[str, Any]]] = [[] for _row in read.sound]
    for part in read.repeated.get("statements", ()):
        columns = [part.values.get(n, repeat(None)) for n in STATEMENT]
        for row, *values in zip(part.rows, *columns):  # noqa: B905  what is not mapped is endless
            found[row].append(dict(zip(STATEMENT, values, strict=True)))
    return found


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
