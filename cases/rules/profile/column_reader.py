"""
Read a batch of rows column by column: the same values as `row_reader`, much faster.

Both readers turn texts into values by the same functions. This one calls them once for each different text of a column
and checks plain texts all at once. A row with a problem is read again by `row_reader`, so that problems have one
definition.
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
from cases.rules.profile.row_checks import EVENT_DAYS, SETTLED_STATES, sign_problem
from cases.rules.profile.row_reader import (
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
# With more different texts it is faster to read each one than to remember their values.
MOST_REMEMBERED: Final = 8192
_REFUSED: Final = object()
_LEFT_OUT: Final = object()


@dataclass(slots=True, kw_only=True)
class Part:
    """
    One block of the profile that may be absent from a row, such as the second telephone.

    `rows` are the rows that have it, as positions in `ReadColumns.sound`; each column of `values` is as long as `rows`.
    """

    rows: list[int]
    values: Columns


@dataclass(slots=True, kw_only=True)
class ReadColumns:
    """
    The values of a batch. Only mapped fields have a column; every column of `single` is as long as `sound`.

    `sound` are the positions in the batch of the rows without a problem, in order. `repeated` holds the parts of each
    repeated section. `problems` are those of the other rows, by position in the batch.
    """

    sound: list[int]
    single: dict[str, Columns] = field(default_factory=dict)
    repeated: dict[str, list[Part]] = field(default_factory=dict)
    problems: dict[int, list[Refused]] = field(default_factory=dict)

    def keep(self, without: Iterable[int]) -> None:
        """Remove rows from every column; `without` are positions in `sound`."""
        wanted = [True] * len(self.sound)
        for position in without:
            wanted[position] = False
        if all(wanted):
            return
        new_position, kept = [], 0
        for is_wanted in wanted:
            new_position.append(kept)
            kept += is_wanted
        self.sound = list(compress(self.sound, wanted))
        for columns in self.single.values():
            for name, values in columns.items():
                columns[name] = list(compress(values, wanted))
        for parts in self.repeated.values():
            for part in parts:
                mask = [wanted[row] for row in part.rows]
                part.rows = [new_position[row] for row in compress(part.rows, mask)]
                part.values = {name: list(compress(values, mask)) for name, values in part.values.items()}


class ColumnReader:
    """Reads the batches of one file; remembers the value of a text from batch to batch, up to a bound."""

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date) -> None:
        index = {name: position for position, name in enumerate(header)}
        self._width = len(header)
        self._horizon = latest + timedelta(days=1)
        self._again = row_reader(profile=profile, header=header, latest=latest)
        self._blocks = [
            (
                block,
                {
                    name: _Column(source, index, profile, block)
                    for name, source in block.mappings.items()
                    if not source.derive
                },
            )
            for block in profile.blocks
        ]
        self._derived = [
            (block.section, name, source.derive)
            for block in profile.blocks
            for name, source in block.mappings.items()
            if source.derive
        ]
        self._repeated = frozenset(REPEATED.get(profile.kind, {}))
        periods = [block.mappings["period"] for block in profile.blocks if block.section == "statements"]
        named = {constant_of(period) for period in periods if is_constant(period)}
        # If every period is a constant of the profile and each is different, rows need not be compared.
        self._compares_periods = len(named) != len(periods)

    def column(self, section: str, name: str, rows: Rows) -> list[str | None]:
        """Return one text field of `rows`, with which they are looked up; None where it cannot be read."""
        column = next(
            (columns[name] for block, columns in self._blocks if block.section == section and name in columns), None
        )
        fits = [cells for cells in rows if len(cells) == self._width]
        if column is None:
            return [None] * len(rows)
        values = [value if isinstance(value, str) else None for value in column.read(fits)]
        if len(fits) == len(rows):
            return values
        found = iter(values)
        return [next(found) if len(cells) == self._width else None for cells in rows]

    def read(self, rows: Rows) -> ReadColumns:
        """Return the values of the sound rows by column, and the problems of the others."""
        sound = [position for position, cells in enumerate(rows) if len(cells) == self._width]
        read = ReadColumns(sound=sound)
        fits = rows if len(sound) == len(rows) else [rows[position] for position in sound]
        refused: set[int] = set()
        for block, columns in self._blocks:
            self._read_block(block, columns, fits, read, refused)
        read.keep(refused)
        for section, name, derive in self._derived:
            read.single[section][name] = [DERIVATIONS[derive](statements) for statements in _statements(read)]
        read.keep(self._contradictory(read))
        taken = set(read.sound)
        for position, cells in enumerate(rows):
            if position not in taken:
                read.problems[position] = self._again(cells).problems
        return read

    def _read_block(
        self, block: Block, columns: dict[str, "_Column"], rows: Rows, read: ReadColumns, refused: set[int]
    ) -> None:
        """Add the block's columns to `read`, and the positions of the rows with a refused value to `refused`."""
        values: Columns = {}
        positions: Sequence[int] = range(len(rows))
        if block.only_if:
            found = columns[block.only_if].read(rows)
            refused.update(position for position, value in enumerate(found) if value is _REFUSED)
            with_block = [position for position, value in enumerate(found) if value and value is not _LEFT_OUT]
            if len(with_block) < len(rows):
                positions, rows = with_block, [rows[position] for position in with_block]
                found = [found[position] for position in with_block]
            values[block.only_if] = found
        for name, column in columns.items():
            if name == block.only_if:
                continue
            values[name] = found = column.read(rows)
            if column.refused:
                refused.update(position for position, value in zip(positions, found, strict=True) if value is _REFUSED)
        if block.section in self._repeated:
            read.repeated.setdefault(block.section, []).append(Part(rows=list(positions), values=values))
        else:
            read.single[block.section] = values

    def _contradictory(self, read: ReadColumns) -> set[int]:
        """Return the positions of the rows whose values are sound one by one and contradict each other."""
        found: set[int] = set()
        for section, names in EVENT_DAYS.items():
            for name in names:
                if section in read.single and name in read.single[section]:
                    found.update(self._future(read.single[section][name]))
                for part in read.repeated.get(section, ()):
                    found.update(part.rows[position] for position in self._future(part.values.get(name, ())))
        account = read.single.get("account", {})
        if "opened_on" in account:
            days = zip(account["opened_on"], account["as_of"], strict=True)
            found.update(position for position, (opened, as_of) in enumerate(days) if opened and opened > as_of)
        if self._compares_periods:
            seen: set[tuple[int, date]] = set()
            for part in read.repeated.get("statements", ()):
                for key in zip(part.rows, part.values["period"], strict=True):
                    if key in seen:
                        found.add(key[0])
                    seen.add(key)
        repayment = read.single.get("repayment", {})
        if "reverses" in repayment:
            found.update(
                position
                for position, (amount, reverses) in enumerate(
                    zip(repayment["amount"], repayment["reverses"], strict=True)
                )
                if sign_problem(amount=amount, reverses=reverses) is not None
            )
        promise = read.single.get("promise")
        if promise:
            unmapped = repeat(None)
            for position, (due, promised, state, settled) in enumerate(
                zip(
                    promise["due_on"],
                    promise["promised_on"],
                    promise.get("state", unmapped),
                    promise.get("settled_on", unmapped),
                    strict=False,  # `unmapped` has no end
                )
            ):
                if due < promised or (state in SETTLED_STATES and not settled):
                    found.add(position)
        return found

    def _future(self, days: Sequence[date | datetime | None]) -> list[int]:
        # Usually no day lies in the future, and then the latest one decides for the whole batch.
        latest = max((day for day in days if day is not None), default=None)
        if latest is None or _day(latest) <= self._horizon:
            return []
        return [position for position, day in enumerate(days) if day is not None and _day(day) > self._horizon]


class _Column:
    """Reads one mapped field: its texts from the cells, and their values."""

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
        """Return one value for each row; `_REFUSED` or `_LEFT_OUT` where there is none."""
        self.refused = False
        if self._constant:
            return [self._value] * len(rows)
        texts = self._texts(rows)
        if self._longest is not None and (plain := self._plain(texts)) is not None:
            return plain
        if self._varies:
            return [self._one(text) for text in texts]
        known = self._known
        for text in set(texts).difference(known):
            known[text] = self._one(text)
        values = [known[text] for text in texts]
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
        return ["" if (text := cells[position].strip()) in empty else text for cells in rows]

    def _one(self, text: str) -> Any:
        try:
            return self._read(text)
        except Refused as refused:
            if self._decides and leaves_out(refused):
                return _LEFT_OUT
            self.refused = True
            return _REFUSED

    def _plain(self, texts: list[str]) -> list[Any] | None:
        """Return the texts unchanged if all are short enough and without control characters, else None."""
        if CONTROL.search("".join(texts)) or max(map(len, texts), default=0) > self._longest:  # type: ignore[operator]
            return None
        if all(texts):
            return texts
        blank = self._one("")
        return None if blank is _REFUSED or blank is _LEFT_OUT else [text or blank for text in texts]


def _is_plain(source: Source, profile: Profile) -> bool:
    """Return whether the value of this field is its text, unchanged."""
    return (
        source.conversion.as_ == source.field.as_ == "text"
        and source.field.choices is None
        and source.words is None
        and not source.pattern
        and not source.conversion.strip
        and not (profile.chinese_ids and source.key == "borrower.id_number")
    )


def _statements(read: ReadColumns) -> list[list[dict[str, Any]]]:
    """Return the statements of every sound row in the form that derivations read."""
    found: list[list[dict[str, Any]]] = [[] for _row in read.sound]
    for part in read.repeated.get("statements", ()):
        columns = [part.values.get(name, repeat(None)) for name in STATEMENT]
        for row, *values in zip(part.rows, *columns):  # noqa: B905  the column of an unmapped field has no end
            found[row].append(dict(zip(STATEMENT, values, strict=True)))
    return found


def _day(moment: date | datetime) -> date:
    return moment.date() if isinstance(moment, datetime) else moment
