"""A first guess of a whole profile from a sample: which column fills which field, and how. A person corrects it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from cases.rules.profile.choices import COLUMN, FIXED, FieldChoice, ProfileChoices
from cases.rules.profile.column_looks import Column
from cases.rules.profile.fields import REPEATED, SINGLE, Field
from cases.rules.profile.header_words import (
    ADDRESS_KINDS,
    FIELD_WORDS,
    OTHER_PERSON,
    OTHER_STATEMENT,
    VALUE_WORDS,
    fit,
    is_protected,
    normal,
)
from cases.rules.profile.parse import MAX_BLOCKS

# A header that fits less well is no guess.
_LEAST_FIT: Final = 0.2
_TENTHOUSAND: Final = re.compile(r"万元|万\)|\(万|（万|万）")
_PERCENT: Final = re.compile(r"[%％]|百分|percent|pct", re.IGNORECASE)
_MONTHS: Final = re.compile(r"期数|月数|months", re.IGNORECASE)
# "余额2026-01", "balance_202601": a statement of that month. "余额1", "balance_1": the first, second ... statement.
_MONTH: Final = re.compile(r"(?P<base>.*?)[\s_\-]?(?P<year>20\d\d)[\s_\-/年.]?(?P<month>0[1-9]|1[0-2])月?")
_NUMBERED: Final = re.compile(r"(?P<base>.*?[^\d])(?P<number>\d{1,2})")
_YES: Final = frozenset({"1", "y", "yes", "true", "t", "是", "有"})
_NO: Final = frozenset({"0", "n", "no", "false", "f", "否", "无"})


def guessed_choices(
    *,
    top: Mapping[str, Any],
    kind: str,
    columns: Sequence[Column],
    territories: Mapping[str, Sequence[str]],
    labels: Mapping[str, Sequence[str]],
) -> ProfileChoices:
    """
    Return a guess for every field of a kind of rows that a column of the sample seems to fill.

    `territories` are the codes of our territories with their names, `labels` the words of the page for each of our codes, in
    every language. Columns of protected traits fill nothing. A column fills at most one field.
    """
    free = {column.name: column for column in columns if not is_protected(column.name)}
    singles: dict[str, dict[str, FieldChoice]] = {section: {} for section in SINGLE[kind]}
    wanted = [(section, name) for section, fields in SINGLE[kind].items() for name in fields]
    blocks: dict[str, tuple[Mapping[str, FieldChoice], ...]] = {}
    if "statements" in REPEATED.get(kind, {}):
        months = _statements(free)
        if months:
            blocks["statements"] = months
    for fitness, section, name, column in _by_fit(wanted, free.values()):
        if fitness < _LEAST_FIT or column.name not in free or name in singles[section]:
            continue
        field = SINGLE[kind][section][name]
        if _suits(field, name, column):
            singles[section][name] = column_choice(
                field=field, name=name, column=column, territories=territories, labels=labels
            )
            del free[column.name]
    for section, name in (("phones", "number"), ("addresses", "line")):
        if section in REPEATED.get(kind, {}):
            found = _one_each(section, name, list(free.values()))
            if found:
                blocks[section] = found
    _fill_in(singles, kind, territories)
    # A section that needs nothing is left out where no column fills it.
    kept = {
        section: found
        for section, found in singles.items()
        if found or any(field.required for field in SINGLE[kind][section].values())
    }
    return ProfileChoices(top=top, singles=kept, blocks=blocks)


def column_choice(
    *,
    field: Field,
    name: str,
    column: Column,
    territories: Mapping[str, Sequence[str]],
    labels: Mapping[str, Sequence[str]],
) -> FieldChoice:
    """Return the choice of a column for a field, with what its values and header say about format, unit and words."""
    looks = column.looks
    more: dict[str, Any] = {}
    strip: tuple[str, ...] = ()
    if field.as_ in ("date", "moment"):
        formats = looks.formats
        # Texts such as 2026-03-02 are read without a format.
        if formats and not (formats == ("%Y-%m-%d",) and field.as_ == "date"):
            more["formats"] = formats
    elif field.as_ in ("decimal", "whole"):
        strip = looks.strip
        tenthousands = looks.scale is not None or (_TENTHOUSAND.search(column.name) and not looks.percent)
        if tenthousands and field.as_ == "decimal":
            more["scale"] = 10_000
        if field.as_ == "decimal" and field.below is not None and field.below <= 2:
            if looks.percent or _PERCENT.search(column.name) or looks.largest > 1:
                more["as_"] = "percent"
        elif name == "days_past_due" and _MONTHS.search(column.name):
            more["as_"] = "months_late"
    elif field.choices is not None or name == "territory" or field.as_ == "flag":
        words = guessed_words(field=field, name=name, values=column.values, territories=territories, labels=labels)
        if words:
            more["words"] = words
    return FieldChoice(how=COLUMN, column=column.name, strip=strip, **more)


def guessed_words(
    *,
    field: Field,
    name: str,
    values: Iterable[str],
    territories: Mapping[str, Sequence[str]],
    labels: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    """Return what words of a column mean: our code, a territory's code, or yes and no. Words that are our own need no entry."""
    if name == "territory":
        known = {code: (code, *names) for code, names in territories.items()}
        own: Iterable[str] = territories
    elif field.as_ == "flag":
        return {value: normal(value) in _YES for value in values if normal(value) in _YES | _NO and not _plain(value)}
    else:
        own = field.choices or ()
        known = {code: (code, *labels.get(code, ()), *VALUE_WORDS.get(code, ())) for code in own}
    found: dict[str, Any] = {}
    for value in values:
        matching = [code for code, words in known.items() if normal(value) in {normal(word) for word in words}]
        if not matching and name == "territory":
            matching = [code for code, words in known.items() if any(w and (w in value or value in w) for w in words)]
        if len(matching) == 1:
            found[value] = matching[0]
    return found if set(found) - set(own) else {}


def _plain(value: str) -> bool:
    """Return whether the reader of flags knows the word by itself."""
    return value.lower() in _YES | _NO


def _by_fit(wanted: Sequence[tuple[str, str]], columns: Iterable[Column]) -> list[tuple[float, str, str, Column]]:
    fits = [
        (fit(column.name, FIELD_WORDS.get(section, {}).get(name, (name,))), section, name, column)
        for column in columns
        if not OTHER_PERSON.search(column.name.lower())
        for section, name in wanted
        if section != "application" or not OTHER_STATEMENT.search(normal(column.name))
    ]
    return sorted(fits, key=lambda each: -each[0])


def _suits(field: Field, name: str, column: Column) -> bool:
    """Return whether what the column holds can be a value of the field at all."""
    looks = column.looks.kind
    if looks == "":
        return True
    if field.as_ in ("date", "moment"):
        return looks == "date"
    if field.as_ in ("decimal", "whole"):
        return looks in ("number", "date")
    if field.as_ in ("phone", "phones"):
        return looks in ("phone", "number", "text")
    return not (name in ("name", "employer") and looks in ("number", "date", "phone", "id_number"))


def _one_each(section: str, name: str, columns: Sequence[Column]) -> tuple[Mapping[str, FieldChoice], ...]:
    """Return a block for each column that holds a telephone or an address of the borrower."""
    found = []
    for column in columns:
        header = normal(column.name)
        if OTHER_PERSON.search(header):
            continue
        fitness = fit(column.name, FIELD_WORDS[section][name])
        if fitness < _LEAST_FIT and not (section == "phones" and column.looks.kind == "phone"):
            continue
        block = {name: FieldChoice(how=COLUMN, column=column.name)}
        kind = next((code for pattern, code in ADDRESS_KINDS if pattern.search(header)), "")
        if section == "addresses" and kind:
            block["kind"] = FieldChoice(how=FIXED, constant=kind)
        found.append(block)
    return tuple(found[:MAX_BLOCKS])


def _statements(free: dict[str, Column]) -> tuple[Mapping[str, FieldChoice], ...]:
    """Return a block for each month that the headers name or number, and take its columns out of `free`."""
    groups: dict[str, dict[str, tuple[str, Column]]] = {}
    for column in free.values():
        named = _MONTH.fullmatch(column.name) or _NUMBERED.fullmatch(column.name)
        if named is None:
            continue
        parts = named.groupdict()
        fits = [(fit(parts["base"], words), name) for name, words in FIELD_WORDS["statements"].items()]
        fitness, name = max(fits)
        if fitness >= 0.5:
            month = f"{parts['year']}-{parts['month']}" if "year" in parts else parts["number"]
            groups.setdefault(month, {})[name] = (("year" in parts and month) or "", column)
    blocks = []
    for month in sorted(groups, key=lambda each: (len(each), each)):
        group = groups[month]
        is_dated = any(dated for dated, _column in group.values())
        if "period" not in group and not is_dated:
            continue
        block = {
            name: column_choice(field=_STATEMENT[name], name=name, column=column, territories={}, labels={})
            for name, (_dated, column) in group.items()
        }
        if "period" not in block:
            block["period"] = FieldChoice(how=FIXED, constant=date(int(month[:4]), int(month[5:]), 1))
        blocks.append(block)
        for _dated, column in group.values():
            free.pop(column.name, None)
    return tuple(blocks[:MAX_BLOCKS])


_STATEMENT: Final = next(sections["statements"] for sections in REPEATED.values() if "statements" in sections)


def _fill_in(singles: dict[str, dict[str, FieldChoice]], kind: str, territories: Mapping[str, Sequence[str]]) -> None:
    """Guess what no column says: the only territory there is."""
    borrower = singles.get("borrower")
    if borrower is not None and "territory" not in borrower and len(territories) == 1:
        borrower["territory"] = FieldChoice(how=FIXED, constant=next(iter(territories)))


def next_block(*, blocks: Sequence[Mapping[str, FieldChoice]], columns: Iterable[str]) -> dict[str, FieldChoice]:
    """
    Return a further block after the last one: its columns with the next number or month in their names, as far as the file has them.

    Without a block before, or without such columns, the block is empty.
    """
    if not blocks:
        return {}
    have, found = set(columns), {}
    for name, choice in blocks[-1].items():
        following = _following(choice.column) if choice.how == COLUMN else ""
        if following in have:
            found[name] = FieldChoice(
                how=COLUMN,
                column=following,
                as_=choice.as_,
                formats=choice.formats,
                strip=choice.strip,
                scale=choice.scale,
                more=choice.more,
            )
        elif choice.how == FIXED and isinstance(choice.constant, date):
            day = choice.constant
            found[name] = FieldChoice(how=FIXED, constant=date(day.year + day.month // 12, day.month % 12 + 1, 1))
    return found if any(choice.how == COLUMN for choice in found.values()) else {}


def _following(column: str) -> str:
    named = _MONTH.fullmatch(column)
    if named:
        year, month = int(named["year"]), int(named["month"])
        start, end = named.span("year")[0], named.span("month")[1]
        between = column[named.span("year")[1] : named.span("month")[0]]
        return f"{column[:start]}{year + month // 12}{between}{month % 12 + 1:02d}{column[end:]}"
    numbers = list(re.finditer(r"\d+", column))
    if not numbers:
        return ""
    last = numbers[-1]
    return f"{column[: last.start()]}{int(last.group()) + 1:0{len(last.group())}d}{column[last.end() :]}"
