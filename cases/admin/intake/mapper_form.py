"""What the mapper's form posts, as choices. What the form does not ask for stays as it was."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from cases.rules.profile.choices import (
    ABSENT,
    COLUMN,
    FIXED,
    TEMPLATE,
    WRITTEN,
    FieldChoice,
    ProfileChoices,
    with_top,
)
from cases.rules.profile.column_looks import Column
from cases.rules.profile.fields import Field
from cases.rules.profile.file_looks import AUTOMATIC
from cases.rules.profile.guesses import column_choice
from cases.services.intake.profiles.trial import offered_sections

KEEP: Final = "keep"
JOINT: Final = " || "
_COLUMN_MARK: Final = "column:"
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
# A number of TOML is a float, which keeps so many digits.
_DIGITS: Final = 15
Post = Mapping[str, Any]


def posted_choices(
    *,
    post: Post,
    base: ProfileChoices,
    columns: Mapping[str, Column],
    territories: Mapping[str, Any],
    labels: Mapping[str, Any],
) -> ProfileChoices:
    """Return the choices that the form posts over `base`; for a column chosen anew its options are guessed."""
    choices = _general(post, base)
    singles, repeated = offered_sections(choices=choices)
    given = _Given(post, columns, territories, labels)
    made_singles = {
        section: found
        for section, fields in singles.items()
        # A section that nothing fills is not written, unless it stood there.
        if (found := _filled(dict(given.fields(section, fields, base.singles.get(section, {})))))
        or section in base.singles
    }
    made_blocks = {}
    for section, fields in repeated.items():
        old = base.blocks.get(section, ())
        count = _count(post.get(f"{section}:count"), len(old))
        made_blocks[section] = tuple(
            _filled(dict(given.fields(f"{section}.{n}", fields, old[n] if n < len(old) else {}))) for n in range(count)
        )
    return replace(choices, singles=made_singles, blocks=made_blocks)


def _count(text: Any, otherwise: int) -> int:
    return min(int(text), 60) if isinstance(text, str) and text.isdecimal() and len(text) < 4 else otherwise


def _filled(fields: Mapping[str, FieldChoice]) -> dict[str, FieldChoice]:
    return {name: choice for name, choice in fields.items() if choice.how != ABSENT}


def _general(post: Post, base: ProfileChoices) -> ProfileChoices:
    """Return the choices with what the form asks about the whole profile and the file."""
    if "about" not in post:
        return base
    file = dict(base.file)
    encoding = post.get("file:encoding", KEEP)
    if encoding != KEEP:
        _set(file, "encodings", [] if encoding == "auto" else [encoding])
        if encoding == "auto" and tuple(base.file.get("encodings", AUTOMATIC)) == AUTOMATIC:
            _set(file, "encodings", base.file.get("encodings"))
    delimiter = {"tab": "\t"}.get(post.get("file:delimiter", KEEP), post.get("file:delimiter", KEEP))
    if delimiter != KEEP and delimiter != file.get("delimiter", ","):
        _set(file, "delimiter", "" if delimiter == "," else delimiter)
    sheet = post.get("file:sheet", KEEP)
    if sheet != KEEP:
        _set(file, "sheet", sheet)
    row = str(post.get("file:header", KEEP))
    if row.isdecimal() and 1 <= len(row) <= 4:
        if int(row) - 1 != file.get("skip_lines", 0):
            _set(file, "skip_lines", max(0, int(row) - 1))
        if not post.get("file:headless"):
            file.pop("columns", None)
        elif "columns" not in file:
            count = _count(post.get("file:width"), 0)
            file["columns"] = [str(number) for number in range(1, count + 1)]
    if file.get("decimal_mark", ".") != post.get("file:decimal_mark", file.get("decimal_mark", ".")):
        comma = post["file:decimal_mark"] == ","
        _set(file, "decimal_mark", "," if comma else "")
        _set(file, "thousands_mark", "." if comma else "")
    empty = str(post.get("file:empty", KEEP))
    if empty != KEEP and empty.split() != " ".join(file.get("empty", ())).split():
        _set(file, "empty", list(dict.fromkeys(empty.split())))
    values: dict[str, Any] = {
        "file": file,
        "title": post.get("title", ""),
        "source": post.get("source", ""),
        "mode": post.get("mode", ""),
        "updates_only": bool(post.get("updates_only")),
        "identity_numbers": "cn" if post.get("identity_numbers") else "",
    }
    # A key that says in words what holds without it is kept.
    same = {"mode": base.top.get("mode") == "delta", "updates_only": base.top.get("updates_only") is False}
    return with_top(choices=base, **{key: value for key, value in values.items() if value or not same.get(key)})


def _set(table: dict[str, Any], key: str, value: Any) -> None:
    if value:
        table[key] = value
    else:
        table.pop(key, None)


class _Given:
    """Reads the posted choice of each field."""

    def __init__(
        self, post: Post, columns: Mapping[str, Column], territories: Mapping[str, Any], labels: Mapping[str, Any]
    ) -> None:
        self.post, self.columns = post, columns
        self.territories, self.labels = territories, labels

    def fields(
        self, where: str, fields: Mapping[str, Field], old: Mapping[str, FieldChoice]
    ) -> Iterator[tuple[str, FieldChoice]]:
        """Yield each field's choice: known fields as posted, others (such as only_if) as they were."""
        for name, field in fields.items():
            yield name, self.field(f"{where}.{name}", name, field, old.get(name, FieldChoice()))
        for name, choice in old.items():
            if name not in fields:
                yield name, choice

    def field(self, key: str, name: str, field: Field, old: FieldChoice) -> FieldChoice:
        """Return the posted choice of one field; `old` if the form does not hold it."""
        chosen = self.post.get(key)
        if chosen is None or (chosen == WRITTEN and old.how == WRITTEN):
            return old
        if chosen == FIXED:
            text = self.post.get(f"{key}:fixed")
            # A field that was not fixed before has nothing typed yet.
            value = "" if text is None else typed_constant(field=field, text=str(text))
            if old.how == FIXED and str(text) == shown_constant(old.constant):
                return old
            return FieldChoice(how=FIXED, constant=value)
        if chosen == TEMPLATE:
            text = str(self.post.get(f"{key}:template", old.template))
            return replace(old, how=TEMPLATE, template=text, column="") if _maps(old) else _template(text)
        if not chosen.startswith(_COLUMN_MARK):
            return FieldChoice()
        column = chosen.removeprefix(_COLUMN_MARK)
        if self.post.get(f"{key}:for") != column:
            if old.how == COLUMN and old.column == column:
                return old
            known = self.columns.get(column)
            if known is None:
                return FieldChoice(how=COLUMN, column=column)
            return column_choice(field=field, name=name, column=known, territories=self.territories, labels=self.labels)
        # The options belong to this column, which may have been chosen on the page since `old` was kept.
        before = old if old.how == COLUMN and old.column == column else FieldChoice(how=COLUMN, column=column)
        return self._options(key, field, before)

    def _options(self, key: str, field: Field, old: FieldChoice) -> FieldChoice:
        changes: dict[str, Any] = {}
        if (formats := self.post.get(f"{key}:formats", KEEP)) != KEEP:
            changes["formats"] = tuple(each for each in formats.split(JOINT) if each)
        if (as_ := self.post.get(f"{key}:as", KEEP)) != KEEP:
            changes["as_"] = as_
        if (scale := self.post.get(f"{key}:scale", KEEP)) != KEEP:
            changes["scale"] = _number(scale) if scale else None
        strip = self.post.get(f"{key}:strip")
        if strip is not None and strip != " ".join(old.strip):
            changes["strip"] = tuple(strip.split())
        if f"{key}:words" in self.post:
            changes |= self._words(key, field, old)
        return replace(old, **changes)

    def _words(self, key: str, field: Field, old: FieldChoice) -> dict[str, Any]:
        count = _count(self.post.get(f"{key}:words"), 0)
        pairs = [(self.post.get(f"{key}:word{n}"), self.post.get(f"{key}:value{n}", "")) for n in range(count)]
        words = {word: _code(field, value) for word, value in pairs if word and value}
        otherwise = self.post.get(f"{key}:otherwise", "")
        if old.words is None and not otherwise and all(word == value for word, value in words.items()):
            # Our own words need no table.
            return {}
        return {"words": words or None, "otherwise": _code(field, otherwise) if otherwise and words else None}


def _maps(choice: FieldChoice) -> bool:
    return choice.how in (COLUMN, TEMPLATE)


def _template(text: str) -> FieldChoice:
    return FieldChoice(how=TEMPLATE, template=text)


def _code(field: Field, text: str) -> Any:
    return text == "true" if field.as_ == "flag" else text


def _number(text: str) -> Any:
    return int(text) if text.lstrip("+-").isdecimal() else float(text) if _NUMBER.fullmatch(text) else None


def typed_constant(*, field: Field, text: str) -> Any:
    """Return the value of TOML for a text that a person typed; the text itself if it is none, which parsing then refuses."""
    text = text.strip()
    if field.as_ in ("decimal", "whole") and _NUMBER.fullmatch(text) and len(text) <= _DIGITS:
        number = Decimal(text)
        return int(number) if number == number.to_integral_value() else float(number)
    if field.as_ == "flag" and text in ("true", "false"):
        return text == "true"
    with suppress(ValueError):
        if field.as_ == "date":
            return date.fromisoformat(text)
        if field.as_ == "moment":
            return datetime.fromisoformat(text)
    return text


def shown_constant(value: Any) -> str:
    """Return a constant as the form shows it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
