"""The text of a field in a row: of one cell, of the first filled one, of a template, or of the columns of a sum."""

import string
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from backoffice.core.canonical.references import canonical_reference, is_rounded
from backoffice.core.canonical.texts import is_failed_formula, says_nothing, visible
from cases.rules.profile.fields import Field
from cases.rules.profile.records import Source, template_columns

Cells = Sequence[str]
# Between the texts of the columns of a sum; a cell holds no control character.
BETWEEN_COLUMNS: Final = "\x1f"
_OWN_FORM: Final = frozenset({"reference", "identity", "phones", "phone"})


def nothing_is_empty(field: Field) -> bool:
    """
    Return whether words such as 无, NULL and - are an empty cell of a field.

    They are no reference, name or place of anybody: two customers "NULL" are not one. Of a number or a day only the lender
    knows whether a dash means nought, nothing or a mistake, so there the profile has to say it.
    """
    return field.as_ in _OWN_FORM or (field.as_ == "text" and field.doubtful and field.choices is None)


def text_reader(source: Source, index: Mapping[str, int], empty: frozenset[str]) -> Callable[[Cells], str]:
    """
    Return the function that takes the source's stripped text from a row's cells.

    The text is "" for a cell that is blank or in `empty`, for a template if any of its cells is, and for a sum if all are.
    The cells of a template of references have the form of references; one that a spreadsheet has shortened is returned
    alone, so that it is refused.
    """
    words_are_empty = nothing_is_empty(source.field)
    is_reference = source.field.as_ == "reference"
    if source.template:
        positions = [index[column] for column in template_columns(source.template)]
        plain = "".join(
            text.replace("{", "{{").replace("}", "}}") + ("{}" if name else "")
            for text, name, _spec, _conversion in string.Formatter().parse(source.template)
        )

        def filled(cells: Cells) -> str:
            parts = [visible(cells[position]) for position in positions]
            if not all(part and part not in empty for part in parts):
                return ""
            if is_reference:
                if any(map(says_nothing, parts)):
                    return ""
                unusable = next((part for part in parts if is_rounded(text=part) or is_failed_formula(part)), None)
                if unusable is not None:
                    return unusable
                parts = [canonical_reference(text=part) for part in parts]
            return plain.format(*parts)

        return filled
    positions = [index[column] for column in source.columns]
    if source.compute is not None:

        def together(cells: Cells) -> str:
            parts = [visible(cells[position]) for position in positions]
            parts = ["" if part in empty else part for part in parts]
            return BETWEEN_COLUMNS.join(parts) if any(parts) else ""

        return together
    if len(positions) == 1:
        only = positions[0]

        def one(cells: Cells) -> str:
            text = visible(cells[only])
            return "" if text in empty else text

        return one

    def first(cells: Cells) -> str:
        texts = (visible(cells[position]) for position in positions)
        return next(
            (text for text in texts if text and text not in empty and not (words_are_empty and says_nothing(text))), ""
        )

    return first


def is_blank(*, cells: Cells, positions: Sequence[int], empty: frozenset[str]) -> bool:
    """
    Return whether a record of a list is absent from the row: all of its cells, at `positions`, are empty.

    `empty` are the texts that mean an empty cell. A record without cells of its own is never absent.
    """
    return bool(positions) and all(not text or text in empty for text in (visible(cells[at]) for at in positions))
