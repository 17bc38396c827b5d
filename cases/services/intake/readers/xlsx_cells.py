"""The cells of a sheet: from the XML of a cell to the text that a reader of the sheet sees."""

from collections.abc import Collection
from datetime import date, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.rules.profile.dates import moment_of_day_number
from cases.services.intake.readers.header import HeaderSearch
from cases.services.intake.readers.rows import MAX_COLUMNS, NumberedRow, damaged, row_problem, too_many_cells
from cases.services.intake.readers.xlsx_parts import MAX_CELL_CHARACTERS, Styles, local, unescaped
from cases.services.intake.readers.xlsx_strings import SharedStrings

MAX_ROW: Final = 1_048_576
# A spreadsheet keeps 15 digits of a number and replaces the others by zeros.
KEPT_DIGITS: Final = 15
# Day 1 of a spreadsheet; less than a day is a time.
_FIRST_DAY: Final = date(1900, 1, 1)


class SheetCells:
    """Collects the rows of a sheet while it is parsed; `take` returns the complete ones."""

    def __init__(
        self,
        *,
        styles: Styles,
        strings: SharedStrings,
        wanted: Collection[str],
        search: HeaderSearch,
        skip_lines: int,
    ) -> None:
        # It knows the header as soon as its row ends: rows of the same block need it.
        self._search = search
        self._skipped = skip_lines
        self._wanted = frozenset(wanted)
        self._styles, self._strings = styles, strings
        self._rows: list[NumberedRow] = []
        self._number = 0
        self._cells: list[str] = []
        self._column = -1
        self._kind = self._style = ""
        self._texts: list[str] = []
        self._size = 0
        self._has_value = self._has_formula = self._collects_text = self._in_phonetic = False
        self._tags: dict[str, str] = {}

    def handle(self, parser: Any) -> None:
        """Set the handlers of a parser that reads a sheet."""
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters

    def take(self) -> list[NumberedRow]:
        """Return the complete rows collected since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = self._tags.get(name) or self._tags.setdefault(name, local(name))
        if tag == "c":
            reference = attributes.get("r")
            self._column = _column(reference.rstrip("0123456789")) if reference else self._column + 1
            self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "")
            self._has_value = self._has_formula = False
        elif tag == "v":
            self._has_value = self._collects_text = True
        elif tag == "t":
            if not self._in_phonetic:
                self._has_value = self._collects_text = True
        elif tag == "f":
            self._has_formula = True
        elif tag == "rPh":
            self._in_phonetic = True
        elif tag == "row":
            self._begin_row(attributes.get("r"))

    def _end(self, name: str) -> None:
        tag = self._tags[name]
        if tag in ("v", "t"):
            self._collects_text = False
        elif tag == "c":
            self._end_cell()
        elif tag == "rPh":
            self._in_phonetic = False
        elif tag == "row":
            if any(self._cells) and self._number > self._skipped:
                self._rows.append((self._number, self._cells))
                if not self._search.is_over:
                    self._search.offer(number=self._number, cells=self._cells)
            self._cells = []

    def _characters(self, text: str) -> None:
        if self._collects_text:
            self._size += len(text)
            if self._size > MAX_CELL_CHARACTERS:
                raise self._problem(_("A cell holds more than {n} characters.").format(n=MAX_CELL_CHARACTERS))
            self._texts.append(text)

    def _begin_row(self, reference: str | None) -> None:
        number = self._number + 1
        if reference is not None:
            if not (reference.isascii() and reference.isdecimal()) or len(reference) > 7 or int(reference) < number:
                raise damaged(_("row numbers run backwards after row {row}").format(row=self._number))
            number = int(reference)
        if number > MAX_ROW:
            raise damaged(_("more than {n} rows").format(n=MAX_ROW))
        self._number, self._cells, self._column = number, [], -1

    def _end_cell(self) -> None:
        text = unescaped(self._texts[0] if len(self._texts) == 1 else "".join(self._texts))
        self._texts, self._size = [], 0
        # Programs that compute nothing write an empty value, or none. Only a formula of texts has "" as its value.
        if self._has_formula and not text and not (self._has_value and self._kind == "str") and self._is_wanted():
            raise self._problem(
                _("a formula without a value. Open the file in a spreadsheet program and save it, or paste values.")
            )
        if not self._has_value:
            return
        value = self._value(text)
        if not value:
            return
        if not 0 <= self._column < MAX_COLUMNS:
            raise too_many_cells(row=self._number)
        missing = self._column - len(self._cells)
        if missing < 0:
            raise damaged(_("cells run backwards in row {row}").format(row=self._number))
        if missing:
            self._cells.extend([""] * missing)
        self._cells.append(value)

    def _value(self, text: str) -> str:
        kind = self._kind
        if kind == "s":
            if not (text.isascii() and text.isdecimal()):
                raise damaged(_("a cell points to a text that is not there"))
            return self._strings[int(text[:10])]
        if kind == "n":
            if self._style in self._styles.dates:
                return _moment(text, self._styles.is_1904)
            plain, was_rounded = _number(text)
            if was_rounded and self._is_wanted():
                raise self._problem(
                    _(
                        "a number of more than {n} digits, which a spreadsheet rounds. Format the column as text."
                    ).format(n=KEPT_DIGITS)
                )
            return _percent(plain) if self._style in self._styles.percents else plain
        if kind == "b":
            return "true" if text.strip() == "1" else "false"
        if kind == "d":
            return text.replace("T", " ")
        return text

    def _name(self) -> str:
        names = self._search.names
        return names[self._column] if 0 <= self._column < len(names) else ""

    def _is_wanted(self) -> bool:
        return self._name() in self._wanted

    def _problem(self, what: Any) -> InvalidInput:
        return row_problem(row=self._number, field=self._name() or str(self._column + 1), what=what)


@lru_cache(maxsize=MAX_COLUMNS)
def _column(letters: str) -> int:
    """Return the position of the column that letters name: A is 0, AA is 26."""
    if not 1 <= len(letters) <= 3 or not letters.isascii() or not letters.isalpha():
        raise damaged(_("a cell without a column"))
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _number(text: str) -> tuple[str, bool]:
    """Return a number as a plain decimal, and whether it has more digits than a spreadsheet keeps."""
    text = text.strip()
    if text.isascii() and text.isdecimal() and len(text) <= KEPT_DIGITS:
        return text, False
    try:
        value = float(text)
    except ValueError:
        return text, False
    if not abs(value) < 1e300:
        # NaN, 1e400 and the like stay texts: the row is refused with its field when a number is read.
        return text, False
    # The shortest decimal of this binary number: the file holds 0.10000000000000001 for 0.1.
    plain = f"{Decimal(repr(value)):f}"
    return plain.removesuffix(".0"), abs(value) >= 10**KEPT_DIGITS


@lru_cache(maxsize=8192)
def _percent(plain: str) -> str:
    """Return a number as percent, as the sheet shows it: 0.18 is 18%. The sheet may show fewer decimals."""
    try:
        percent = Decimal(plain).scaleb(2)
    except InvalidOperation:
        return plain
    return f"{percent.normalize():f}%" if percent.is_finite() else plain


@lru_cache(maxsize=8192)
def _moment(text: str, is_1904: bool) -> str:
    """Return a count of days as a date, with the time if it has one; a text that is no such count stays as it is."""
    moment = moment_of_day_number(_number(text)[0], is_1904=is_1904)
    if moment is None:
        return _number(text)[0]
    if moment.date() < _FIRST_DAY and not is_1904:
        return moment.strftime("%H:%M:%S")
    return moment.strftime("%Y-%m-%d" if moment.time() == time() else "%Y-%m-%d %H:%M:%S")
