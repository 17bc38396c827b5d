"""The values of a batch of rows, one list for each field."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import compress
from typing import Any

from cases.rules.profile.refusals import Doubt, Refused

Columns = dict[str, list[Any]]


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
    repeated section. `problems` are those of the other rows, by position in the batch. `doubts` are values that were not
    taken of rows that are, by position in the batch; there the columns hold None.
    """

    sound: list[int]
    single: dict[str, Columns] = field(default_factory=dict)
    repeated: dict[str, list[Part]] = field(default_factory=dict)
    problems: dict[int, list[Refused]] = field(default_factory=dict)
    doubts: dict[int, list[Doubt]] = field(default_factory=dict)

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
