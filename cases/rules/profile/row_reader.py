"""Read a row by a profile: from cells to checked values, or to every problem of the row."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from backoffice.core.canonical.texts import is_failed_formula, says_nothing
from cases.rules.profile import refusals
from cases.rules.profile.arithmetic import computed
from cases.rules.profile.cell_texts import BETWEEN_COLUMNS, Cells, is_blank, nothing_is_empty, text_reader
from cases.rules.profile.conversions import bounded, converter, first_of_month
from cases.rules.profile.derivations import DERIVATIONS
from cases.rules.profile.fields import REPEATED, SINGLE
from cases.rules.profile.numbers import is_whole, read_number, with_decimals
from cases.rules.profile.records import Block, Profile, Source
from cases.rules.profile.refusals import Doubt, Refused
from cases.rules.profile.row_checks import row_problems
from cases.rules.profile.row_values import ReadRow, Values, doubt_identity, doubt_stated_day, taken
from cases.rules.profile.text_forms import form_problem

MAX_PROBLEMS: Final = 5
# Fields whose values lie below are shares: rates, confidences.
_SHARES_END: Final = 2
# Refusals that a word for "no value" can have where the profile does not say that it is one.
_NO_VALUE: Final = frozenset(
    {
        refusals.NOT_A_NUMBER,
        refusals.OTHER_MARKS,
        refusals.NOT_WHOLE,
        refusals.NOT_A_DATE,
        refusals.NOT_A_MOMENT,
        refusals.NOT_A_FLAG,
    }
)


def row_reader(*, profile: Profile, header: Sequence[str], latest: date) -> Callable[[Cells], ReadRow]:
    """
    Return the function that reads a row of cells.

    Cells of another number than `header` has columns are a problem of the row, which keeps at most `MAX_PROBLEMS`.
    Figures and events later than `latest` plus one day (for time zones) are refused: after a wrong future day every
    correct file would look older than what is known.
    """
    index = {name: position for position, name in enumerate(header)}
    repeated = REPEATED.get(profile.kind, {})
    blocks = [
        (
            block,
            _defaults(block, profile),
            [(name, _reader(source, index, profile)) for name, source in block.mappings.items() if not source.derive],
            [index[name] for name in block.columns] if block.section in repeated else [],
        )
        for block in profile.blocks
    ]
    derived = [
        (block.section, name, DERIVATIONS[source.derive])
        for block in profile.blocks
        for name, source in block.mappings.items()
        if source.derive
    ]
    singles = {block.section for block in profile.blocks if block.section not in repeated}
    width = len(header)
    horizon = latest + timedelta(days=1)

    def read(cells: Cells) -> ReadRow:
        row = ReadRow()
        if len(cells) != width:
            reason = refusals.TOO_MANY_CELLS if len(cells) > width else refusals.TOO_FEW_CELLS
            row.problems.append(Refused(reason, cells=str(len(cells)), columns=str(width)))
            return row
        for block, defaults, readers, positions in blocks:
            values = dict(defaults)
            before = len(row.problems)
            if not _read_block(block, readers, cells, values, row):
                continue
            if len(row.problems) > before and is_blank(cells=cells, positions=positions, empty=profile.file.empty):
                del row.problems[before:]
                continue
            if block.section in singles:
                row.single[block.section] = values
            else:
                row.repeated.setdefault(block.section, []).append(values)
        if not row.problems:
            for section, name, derive in derived:
                row.single[section][name] = derive(row.repeated.get("statements", []))
            if profile.chinese_ids:
                doubt_identity(row=row, on=latest)
            doubt_stated_day(row=row, horizon=horizon)
            row.problems += row_problems(single=row.single, repeated=row.repeated, horizon=horizon)
        return row

    return read


def _defaults(block: Block, profile: Profile) -> Values:
    """Return the block's fields as None: a field that the profile does not map keeps its stored value."""
    fields = SINGLE[profile.kind].get(block.section) or REPEATED[profile.kind][block.section]
    return dict.fromkeys(fields)


def _read_block(
    block: Block,
    readers: list[tuple[str, Callable[[Cells], Any]]],
    cells: Cells,
    values: Values,
    row: ReadRow,
) -> bool:
    """Fill `values`, add to the row's problems and doubts, and return False if the block is left out of this row."""
    for name, reader in readers:
        try:
            value = reader(cells)
        except Refused as refused:
            if name == block.only_if and leaves_out(refused):
                return False
            if len(row.problems) < MAX_PROBLEMS:
                row.problems.append(refused)
            continue
        # The profile lists `only_if` first: no other field of a block that is left out can have a problem.
        if name == block.only_if and not value:
            return False
        values[name], doubts = taken(value=value, key=block.mappings[name].key)
        row.doubts.extend(doubts)
    return True


def leaves_out(refused: Refused) -> bool:
    """
    Return whether a refusal of the field `only_if` leaves the block out instead of being a problem.

    An empty or zero amount leaves the block out; a negative one is a problem.
    """
    return refused.reason in (refusals.REQUIRED, refusals.NOT_ABOVE)


def _reader(source: Source, index: Mapping[str, int], profile: Profile) -> Callable[[Cells], Any]:
    """Return the function that reads one field from the cells; the profile is looked up here, once."""
    if is_constant(source):
        constant = constant_of(source)
        return lambda cells: constant
    text_of = text_reader(source, index, profile.file.empty)
    value_of = value_reader(source)
    return lambda cells: value_of(text_of(cells))


def is_constant(source: Source) -> bool:
    """Return whether the profile gives the value itself, as a constant."""
    return not source.columns and not source.template


def constant_of(source: Source) -> Any:
    """Return the constant that the profile gives; of a statement's period the first day of its month."""
    name = source.key.rpartition(".")[2]
    return first_of_month(source.constant) if name == "period" else source.constant  # type: ignore[arg-type]


def value_reader(source: Source) -> Callable[[str], Any]:
    """
    Return the function that turns a stripped text into the field's value, or raises Refused with field and text.

    Of a doubtful field it returns a Doubt instead, except where a required value is missing.
    """
    convert = converter(source.conversion, is_share=_is_share(source))
    check = _checker(source, source.key.rpartition(".")[2])
    pattern = re.compile(source.pattern) if source.pattern else None
    words, otherwise, default = source.words, source.otherwise, source.default
    required = source.field.required or source.key in ("account.external_ref", "account.as_of")
    blank = source.field.default
    if source.compute is not None:
        convert = compute_reader(source)
    is_doubtful = source.field.doubtful
    words_are_empty = nothing_is_empty(source.field)

    def value_of(text: str) -> Any:
        if text and pattern is not None:
            found = pattern.search(text)
            if found is None:
                raise Refused(refusals.NOT_A_PATTERN)
            text = found[found.re.groups and 1] or ""
        if words is not None and text in words:
            return words[text]
        if words_are_empty and says_nothing(text):
            text = ""
        if not text:
            if default is None and required:
                raise Refused(refusals.REQUIRED)
            return default if default is not None else blank
        if words is not None:
            if otherwise is None:
                raise Refused(refusals.NOT_A_WORD)
            return otherwise
        if is_failed_formula(text):
            raise Refused(refusals.FAILED_FORMULA)
        try:
            return check(convert(text))
        except Refused as refused:
            if refused.reason in _NO_VALUE and says_nothing(text):
                raise _says_nothing(text) from None
            raise

    def read(text: str) -> Any:
        try:
            return value_of(text)
        except Refused as refused:
            text = text.replace(BETWEEN_COLUMNS, " | ")
            if is_doubtful and refused.reason != refusals.REQUIRED:
                return Doubt(field=source.key, value=text, reason=refused.reason, params=refused.params)
            raise Refused(refused.reason, field=source.key, value=text, **refused.params) from None

    return read


def _says_nothing(text: str) -> Refused:
    return Refused(refusals.SAYS_NOTHING, text=json.dumps(text, ensure_ascii=False))


def _is_share(source: Source) -> bool:
    below = source.field.below
    return source.field.decimals is None and below is not None and below < _SHARES_END


def compute_reader(source: Source) -> Callable[[str], object]:
    """Return the function that computes a sum from the texts of its columns; an empty one counts as nought."""
    marks, computation = source.conversion.number_marks, source.compute
    assert computation is not None  # noqa: S101  the caller has looked
    is_whole_field = source.field.as_ == "whole"

    def _summand(part: str) -> Decimal:
        if is_failed_formula(part):
            raise Refused(refusals.FAILED_FORMULA)
        if says_nothing(part):
            raise _says_nothing(part)
        if part.endswith(("%", "％")):
            return read_number(text=part[:-1].strip(), marks=marks) / 100
        return read_number(text=part, marks=marks)

    def read(text: str) -> object:
        numbers = [_summand(part) if part else Decimal(0) for part in text.split(BETWEEN_COLUMNS)]
        result = computed(computation=computation, numbers=numbers)
        if result is None:
            raise Refused(refusals.NOT_A_NUMBER)
        result = bounded(value=result, conversion=source.conversion)
        if not is_whole_field:
            return result
        if not is_whole(value=result):
            raise Refused(refusals.NOT_WHOLE)
        return int(result)

    return read


def _checker(source: Source, name: str) -> Callable[[Any], Any]:
    """Return the function that checks a value against the field's bounds and returns it."""
    field = source.field
    if field.as_ in ("decimal", "whole"):
        minimum, above, below, decimals = field.minimum, field.above, field.below, field.decimals
        rounds, is_scaled = source.conversion.rounds, source.conversion.scale is not None

        def number(value: Any) -> Any:
            if decimals is not None:
                value = with_decimals(value=value, decimals=decimals, rounds=rounds, is_scaled=is_scaled)
            if minimum is not None and value < minimum:
                raise Refused(refusals.TOO_SMALL, bound=f"{minimum:f}")
            if above is not None and value <= above:
                if source.key == "repayment.amount":
                    raise Refused(refusals.NEGATIVE_REPAYMENT if value < 0 else refusals.ZERO_REPAYMENT)
                raise Refused(refusals.NEGATIVE if value < 0 else refusals.NOT_ABOVE, bound=f"{above:f}")
            if below is not None and value >= below:
                raise Refused(refusals.TOO_LARGE, bound=f"{below:f}")
            return value

        return number
    if field.as_ in ("text", "phone", "reference", "identity"):
        longest, choices = field.longest, field.choices
        form = field.form

        def text(value: str) -> str:
            if choices is not None and value not in choices:
                raise Refused(refusals.NOT_A_CHOICE, choices=", ".join(sorted(choices)))
            if len(value) > longest:
                raise Refused(refusals.TOO_LONG, bound=str(longest))
            problem = form_problem(form=form, text=value) if form and value else ""
            if problem:
                raise Refused(problem)
            return value

        return text
    if name == "period":
        return first_of_month
    return lambda value: value
