"""Rows of a file that describe nothing: blank rows, the header printed again on each page, and rows of totals."""

import re
import unicodedata
from collections.abc import Sequence
from enum import Enum
from typing import Final

from backoffice.core.canonical.texts import INVISIBLE_CHARACTERS, visible
from cases.enums import RecordKind
from cases.rules.profile.fields import SINGLE
from cases.rules.profile.records import Profile, template_columns

_SPACES: Final = frozenset(c for c in map(chr, range(0x3001)) if c.isspace())
# As `plain_word` writes them.
_TOTALS: Final = ("合计", "总计", "小计", "共计", "汇总")
_COUNTING: Final = ("共", "总共", *_TOTALS)
_UNITS: Final = tuple(
    unit + what for unit in ("条", "笔", "户", "行", "人", "件", "个", "页") for what in ("", "记录", "数据", "客户")
)
# 共 120 条, 合计：3户: the number differs from day to day, so these words stand without it. No other digits are taken off.
_COUNT: Final = re.compile(rf"({'|'.join(_COUNTING)})\d[\d,]*({'|'.join(_UNITS)})", re.ASCII)
_COUNTED: Final = frozenset(f"{word}n{unit}" for word in _COUNTING for unit in _UNITS)
TOTAL_WORDS: Final = _COUNTED | frozenset({*_TOTALS, "total", "totals", "sum", "subtotal", "grandtotal"})
_IDENTIFYING: Final = frozenset({"external_ref", "account", "borrower", "name", "id_number", "number", "line"})


class RowKind(Enum):
    """ORDINARY rows are read. A DOUBTFUL row looks like one of totals, and the profile does not say so."""

    ORDINARY = "ordinary"
    BLANK = "blank"
    HEADER = "header"
    TOTAL = "total"
    DOUBTFUL = "doubtful"


def is_blank_row(cells: Sequence[str]) -> bool:
    """Return whether nobody sees anything in these cells."""
    return not visible("".join(cells))


def plain_word(text: str) -> str:
    """
    Return a word of totals as it is compared: without spaces, colons, hyphens and letter case.

    Of a count of rows, such as 共 120 条, an n stands for the number.
    """
    plain = unicodedata.normalize("NFKC", visible(text)).casefold()
    plain = "".join(c for c in plain if c not in ":-" and not c.isspace())
    counted = _COUNT.fullmatch(plain)
    return f"{counted[1]}n{counted[2]}" if counted else plain


def _without_blanks(text: str) -> str:
    return "".join(visible(text).split())


class RowKinds:
    """Tells the kinds of the rows of one file."""

    def __init__(self, *, profile: Profile, header: Sequence[str]) -> None:
        index = {name: position for position, name in enumerate(header)}
        # The section whose external_ref is the row's own reference.
        own = "account" if profile.kind == RecordKind.ACCOUNTS else next(iter(SINGLE[profile.kind]))
        keys: list[int] = []
        self._identifying: list[int] = []
        for block in profile.blocks:
            for name, source in block.mappings.items():
                columns = (*source.columns, *template_columns(source.template))
                found = [index[column] for column in columns if column in index]
                if name in _IDENTIFYING:
                    self._identifying += found
                if name == "external_ref" and block.section == own:
                    keys += found
        self._remembered = frozenset(plain_word(word) for word in profile.file.total_rows)
        self._words = TOTAL_WORDS | self._remembered
        self._empty = profile.file.empty
        self._key = keys[0] if keys else 0
        self._header = [_without_blanks(name) for name in header]
        self._key_name = header[self._key] if header else ""
        starts = {word[:1] for word in (*self._words, *self._empty)}
        # Full-width letters are those of ASCII for `plain_word`.
        wide = {chr(ord(c) + 0xFEE0) for c in starts | {c.upper() for c in starts} if c.isascii() and c}
        self._starts = frozenset(
            {"", *starts, *(c.upper() for c in starts), *wide, *_SPACES, *INVISIBLE_CHARACTERS, ":", "：", "-"}
        )

    def suspects(self, rows: Sequence[tuple[int, Sequence[str]]]) -> list[int]:
        """Return the positions of the rows that may be of another kind than ORDINARY; most files have few."""
        key, starts, name = self._key, self._starts, self._key_name
        return [
            position
            for position, (_number, cells) in enumerate(rows)
            if len(cells) <= key or cells[key][:1] in starts or cells[key].strip() == name
        ]

    def kind(self, cells: Sequence[str]) -> tuple[RowKind, str]:
        """
        Return the kind of a row, and of a row of totals its word as `plain_word` writes it.

        A row is blank if every cell is, or holds a text that the profile calls empty. It is one of totals if a cell
        holds a word of totals and no cell identifies an account or a person. It is the header again if every cell is.
        """
        if [_without_blanks(cell) for cell in cells] == self._header:
            return RowKind.HEADER, ""
        texts = [visible(cell) for cell in cells]
        texts = ["" if text in self._empty else text for text in texts]
        if not any(texts):
            return RowKind.BLANK, ""
        words = [plain_word(text) if text else "" for text in texts]
        word = next((word for word in words if word in self._words), "")
        if not word or not self._identifying:
            return RowKind.ORDINARY, ""
        for position in self._identifying:
            if position < len(words) and words[position] and words[position] not in self._words:
                return RowKind.ORDINARY, ""
        return (RowKind.TOTAL if word in self._remembered else RowKind.DOUBTFUL), word
