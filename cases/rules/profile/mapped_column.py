"""One mapped field of a batch of rows: its texts from the cells, and their values."""

from collections.abc import Sequence
from typing import Any, Final

from backoffice.core.canonical.references import PLAIN
from backoffice.core.canonical.telephones import ReadTelephones
from backoffice.core.canonical.texts import INVISIBLE, NOTHING, visible
from cases.rules.profile.cell_texts import Cells, nothing_is_empty, text_reader
from cases.rules.profile.conversions import CONTROL
from cases.rules.profile.records import Block, Profile, Source
from cases.rules.profile.refusals import Doubt, Refused
from cases.rules.profile.row_reader import (
    constant_of,
    is_constant,
    leaves_out,
    value_reader,
)

Rows = Sequence[Cells]
# With more different texts it is faster to read each one than to remember their values.
MOST_REMEMBERED: Final = 8192
REFUSED: Final = object()
LEFT_OUT: Final = object()


class MappedColumn:
    """
    Reads one mapped field of the batches of a file, and remembers the values of its texts.

    `refused` says whether a text of the last batch was refused, `doubted` whether any text of the file was doubtful.
    """

    def __init__(self, source: Source, index: dict[str, int], profile: Profile, block: Block) -> None:
        name = source.key.rpartition(".")[2]
        self.refused = False
        self.doubted = False
        self._constant = is_constant(source)
        if self._constant:
            self._value = constant_of(source)
            return
        self._text = text_reader(source, index, profile.file.empty)
        self._position = index[source.columns[0]] if len(source.columns) == 1 and source.compute is None else None
        self._empty = profile.file.empty
        self._read = value_reader(source)
        self._decides = name == block.only_if
        self._known: dict[str, Any] = {}
        self._varies = False
        self._longest = source.field.longest if _is_plain(source) else None
        self._is_reference = source.field.as_ == "reference"
        self._words_are_empty = nothing_is_empty(source.field)
        self._is_name = source.field.form == "name"

    def read(self, rows: Rows) -> list[Any]:
        """Return one value for each row; `REFUSED` or `LEFT_OUT` where there is none."""
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
        self.refused = REFUSED in known.values() if len(known) < len(values) else REFUSED in values
        if len(known) > MOST_REMEMBERED:
            self._varies = 2 * len(known) > len(texts)
            self._known = {}
        return values

    def _texts(self, rows: Rows) -> list[str]:
        if self._position is None:
            return [self._text(cells) for cells in rows]
        position, empty = self._position, self._empty
        texts = [cells[position].strip() for cells in rows]
        joined = "".join(texts)
        if not joined.isascii() and INVISIBLE.search(joined):
            texts = list(map(visible, texts))
        return ["" if text in empty else text for text in texts] if empty else texts

    def _one(self, text: str) -> Any:
        try:
            value = self._read(text)
        except Refused as refused:
            if self._decides and leaves_out(refused):
                return LEFT_OUT
            self.refused = True
            return REFUSED
        if isinstance(value, Doubt) or (isinstance(value, ReadTelephones) and value.unsound):
            self.doubted = True
        return value

    def _plain(self, texts: list[str]) -> list[Any] | None:
        """Return the texts unchanged if all are short enough, without control characters and in their form, else None."""
        joined = "".join(texts)
        in_form = PLAIN.fullmatch(joined) if self._is_reference else not CONTROL.search(joined)
        if self._is_name:
            in_form = joined.isalpha() or not joined
        if "#" in joined or (self._words_are_empty and not NOTHING.isdisjoint(filter(None, map(str.upper, texts)))):
            return None
        if not in_form or max(map(len, texts), default=0) > self._longest:  # type: ignore[operator]
            return None
        if all(texts):
            return texts
        blank = self._one("")
        return None if blank is REFUSED or blank is LEFT_OUT else [text or blank for text in texts]


def _is_plain(source: Source) -> bool:
    """Return whether the value of this field is its text, unchanged, as long as the text is in its form."""
    return (
        source.conversion.as_ == source.field.as_
        and source.field.as_ in ("text", "reference")
        and source.field.choices is None
        and source.field.form in ("", "name")
        and source.words is None
        and not source.pattern
        and not source.conversion.strip
    )
