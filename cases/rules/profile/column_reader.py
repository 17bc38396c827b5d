"""
Read a batch of rows column by column: the same values as `row_reader`, much faster.

Both readers turn texts into values by the same functions. This one calls them once for each different text of a column
and checks plain texts all at once. A row with a problem is read again by `row_reader`, so that problems have one
definition.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import compress, repeat
from typing import Any

from cases.rules.profile.cell_texts import is_blank
from cases.rules.profile.derivations import DERIVATIONS
from cases.rules.profile.fields import REPEATED, STATEMENT
from cases.rules.profile.mapped_column import LEFT_OUT, REFUSED, MappedColumn, Rows
from cases.rules.profile.numbers import WHOLE_CURRENCIES, is_whole
from cases.rules.profile.read_columns import Columns, Part, ReadColumns
from cases.rules.profile.records import Block, Profile
from cases.rules.profile.row_checks import AMOUNTS, EVENT_DAYS, SETTLED_STATES, sign_problem
from cases.rules.profile.row_reader import constant_of, is_constant, row_reader
from cases.rules.profile.row_values import identity_doubt, stated_day_doubt, taken


class ColumnReader:
    """Reads the batches of one file; remembers the value of a text from batch to batch, up to a bound."""

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date) -> None:
        index = {name: position for position, name in enumerate(header)}
        self._width = len(header)
        self._latest = latest
        self._horizon = latest + timedelta(days=1)
        self._chinese_ids = profile.chinese_ids
        self._again = row_reader(profile=profile, header=header, latest=latest)
        self._repeated = frozenset(REPEATED.get(profile.kind, {}))
        self._empty = profile.file.empty
        # Each with the positions of its cells, which say whether a row has this record of a list.
        self._blocks = [
            (
                block,
                [index[name] for name in block.columns] if block.section in self._repeated else [],
                {
                    name: MappedColumn(source, index, profile, block)
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
        periods = [block.mappings["period"] for block in profile.blocks if block.section == "statements"]
        named = {constant_of(period) for period in periods if is_constant(period)}
        # If every period is a constant of the profile and each is different, rows need not be compared.
        self._compares_periods = len(named) != len(periods)

    def column(self, section: str, name: str, rows: Rows) -> list[str | None]:
        """Return one text field of `rows`, with which they are looked up; None where it cannot be read."""
        column = next(
            (columns[name] for block, _cells, columns in self._blocks if block.section == section and name in columns),
            None,
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
        for block, cells_of_block, columns in self._blocks:
            self._read_block(block, cells_of_block, columns, fits, read, refused)
        read.keep(refused)
        if self._chinese_ids:
            self._doubt_identities(read)
        self._doubt_stated_days(read)
        for section, name, derive in self._derived:
            read.single[section][name] = [DERIVATIONS[derive](statements) for statements in _statements(read)]
        read.keep(self._contradictory(read))
        taken = set(read.sound)
        for position, cells in enumerate(rows):
            if position not in taken:
                read.problems[position] = self._again(cells).problems
        return read

    def _read_block(
        self,
        block: Block,
        cells: Sequence[int],
        columns: dict[str, MappedColumn],
        rows: Rows,
        read: ReadColumns,
        refused: set[int],
    ) -> None:
        """Add the block's columns to `read`, and the positions of the rows with a refused value to `refused`."""
        values: Columns = {}
        positions: Sequence[int] = range(len(rows))
        if block.only_if:
            found = columns[block.only_if].read(rows)
            refused.update(position for position, value in enumerate(found) if value is REFUSED)
            with_block = [position for position, value in enumerate(found) if value and value is not LEFT_OUT]
            if len(with_block) < len(rows):
                positions, rows = with_block, [rows[position] for position in with_block]
                found = [found[position] for position in with_block]
            values[block.only_if] = found
        without: set[int] = set()
        for name, column in columns.items():
            if name == block.only_if:
                continue
            values[name] = found = column.read(rows)
            if column.refused:
                without.update(at for at, value in enumerate(found) if value is REFUSED)
        absent = {at for at in without if is_blank(cells=rows[at], positions=cells, empty=self._empty)}
        refused.update(positions[at] for at in without - absent)
        if absent:
            kept = [at not in absent for at in range(len(positions))]
            positions = list(compress(positions, kept))
            values = {name: list(compress(found, kept)) for name, found in values.items()}
        for name, column in columns.items():
            if column.doubted:
                _take_out_doubts(read, positions, values[name], block.mappings[name].key)
        if block.section in self._repeated:
            read.repeated.setdefault(block.section, []).append(Part(rows=list(positions), values=values))
        else:
            read.single[block.section] = values

    def _doubt_identities(self, read: ReadColumns) -> None:
        """Take out the identity numbers that do not fit their document."""
        borrower = read.single.get("borrower", {})
        numbers = borrower.get("id_number", [])
        documents = borrower.get("id_document") or repeat(None)
        for position, (number, document) in enumerate(zip(numbers, documents, strict=False)):
            if number:
                doubt = identity_doubt(number=number, document=document, on=self._latest)
                if doubt is not None:
                    read.doubts.setdefault(read.sound[position], []).append(doubt)
                    numbers[position] = None

    def _doubt_stated_days(self, read: ReadColumns) -> None:
        """Take out the days of applications that lie in the future."""
        days = read.single.get("application", {}).get("stated_on", [])
        for position in self._future(days):
            read.doubts.setdefault(read.sound[position], []).append(stated_day_doubt(day=days[position]))
            days[position] = None

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
        if "currency" in account and not WHOLE_CURRENCIES.isdisjoint(account["currency"]):
            found.update(_with_decimals(read, account["currency"]))
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


def _take_out_doubts(read: ReadColumns, positions: Sequence[int], values: list[Any], key: str) -> None:
    """Leave in a column what is taken of it, and add its doubts to `read`; `positions` are those of its rows."""
    for place, value in enumerate(values):
        values[place], doubts = taken(value=value, key=key)
        if doubts:
            read.doubts.setdefault(read.sound[positions[place]], []).extend(doubts)


def _with_decimals(read: ReadColumns, currencies: Sequence[str | None]) -> set[int]:
    """Return the positions of the rows with a fraction of a currency that has no smaller unit."""
    whole = {position for position, currency in enumerate(currencies) if currency in WHOLE_CURRENCIES}
    found = set()
    for section, names in AMOUNTS.items():
        parts: Sequence[Part] = read.repeated.get(section, ())
        if section == "account":
            parts = (Part(rows=list(range(len(read.sound))), values=read.single["account"]),)
        for part in parts:
            for name in names:
                for row, value in zip(part.rows, part.values.get(name, ()), strict=False):
                    if row in whole and value is not None and not is_whole(value=value):
                        found.add(row)
    return found


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
