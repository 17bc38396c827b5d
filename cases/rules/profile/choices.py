"""
A profile as choices: for each of our fields the column that fills it and how, as a form asks for it.

`choices_of(text=toml_of(choices=c))` is `c` again, and no key of a profile is lost on the way: what a form has no question
for stays in `more` or is kept "as written". Comments and blank lines of a text are not kept.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import tomli_w
from django.utils.translation import gettext_lazy as _

from cases.enums import RecordKind
from cases.rules.profile.constants import wrong
from cases.rules.profile.fields import REPEATED, SINGLE

# How a field gets its value. WRITTEN is a mapping that only the text of a profile can say, kept unchanged.
ABSENT, COLUMN, TEMPLATE, FIXED, WRITTEN = "absent", "column", "template", "fixed", "written"
_TEXT_LISTS: Final = ("formats", "strip")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChoice:
    """
    The choice for one field.

    `how` is one of ABSENT, COLUMN, TEMPLATE, FIXED, WRITTEN. `constant` is the value of FIXED as TOML has it. `as_` names a
    conversion other than the field's own. `scale` multiplies. `words` maps texts of the column to values, `otherwise` is
    the value of every other text. `more` are keys that a form has no question for.
    """

    how: str = ABSENT
    column: str = ""
    template: str = ""
    constant: Any = None
    as_: str = ""
    formats: tuple[str, ...] = ()
    strip: tuple[str, ...] = ()
    scale: int | float | None = None
    words: Mapping[str, Any] | None = None
    otherwise: Any = None
    more: Mapping[str, Any] = field(default_factory=dict)


Fields = Mapping[str, FieldChoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChoices:
    """
    All choices of a profile: `top` are the keys outside of sections (kind, title, file, territories and others).

    `singles` are the fields of sections that a row holds once, `blocks` those of each [[section]]. A section that the kind
    does not know stays in `top`.
    """

    top: Mapping[str, Any]
    singles: Mapping[str, Fields] = field(default_factory=dict)
    blocks: Mapping[str, tuple[Fields, ...]] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """What the rows describe, as written."""
        return str(self.top.get("kind", ""))

    @property
    def file(self) -> Mapping[str, Any]:
        """The table of the file's format, as written."""
        table = self.top.get("file", {})
        return table if isinstance(table, dict) else {}


def choices_of(*, text: str) -> ProfileChoices:
    """
    Return the choices that a profile's text makes; it need not be complete.

    :raises InvalidInput: if the text is not TOML, or names no kind of rows.
    """
    try:
        body = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise wrong("body", _("not TOML: {problem}").format(problem=error)) from None
    if body.get("kind") not in RecordKind.values:
        raise wrong("kind", _("must be one of: {choices}").format(choices=", ".join(RecordKind.values)))
    top, singles, blocks = {}, {}, {}
    repeated = REPEATED.get(body["kind"], {})
    for key, value in body.items():
        if key in SINGLE[body["kind"]] and isinstance(value, dict):
            singles[key] = _fields_of(value)
        elif key in repeated and isinstance(value, list) and all(isinstance(each, dict) for each in value):
            blocks[key] = tuple(_fields_of(each) for each in value)
        else:
            top[key] = value
    return ProfileChoices(top=top, singles=singles, blocks=blocks)


def toml_of(*, choices: ProfileChoices) -> str:
    """Return the text of a profile that makes these choices; fields that are absent are left out."""
    body: dict[str, Any] = dict(choices.top)
    for section, fields in choices.singles.items():
        body[section] = _table_of(fields)
    for section, blocks in choices.blocks.items():
        if blocks:
            body[section] = [_table_of(fields) for fields in blocks]
    return tomli_w.dumps(body)


def with_top(*, choices: ProfileChoices, **values: Any) -> ProfileChoices:
    """Return the choices with these keys outside of sections set; an empty value (None, "" or {}) removes its key."""
    top = dict(choices.top)
    for key, value in values.items():
        if value in (None, "", {}) or value is False:
            top.pop(key, None)
        else:
            top[key] = value
    return replace(choices, top=top)


def _fields_of(table: Mapping[str, Any]) -> dict[str, FieldChoice]:
    return {name: _choice_of(value) for name, value in table.items()}


def _choice_of(value: Any) -> FieldChoice:
    if not isinstance(value, dict):
        return FieldChoice(how=FIXED, constant=value)
    named = [key for key in ("column", "columns", "template", "derive") if key in value]
    if named not in (["column"], ["template"]) or not isinstance(value[named[0]], str) or not value[named[0]]:
        return FieldChoice(how=WRITTEN, more=dict(value))
    more = dict(value)
    known: dict[str, Any] = {named[0]: more.pop(named[0])}
    if _is_text(more.get("as")):
        known["as_"] = more.pop("as")
    for key in _TEXT_LISTS:
        listed = more.get(key)
        if isinstance(listed, list) and listed and all(isinstance(each, str) for each in listed):
            known[key] = tuple(more.pop(key))
    if isinstance(more.get("scale"), int | float) and not isinstance(more["scale"], bool):
        known["scale"] = more.pop("scale")
    if isinstance(more.get("map"), dict):
        known["words"] = more.pop("map")
        if "otherwise" in more:
            known["otherwise"] = more.pop("otherwise")
    return FieldChoice(how=COLUMN if named == ["column"] else TEMPLATE, more=more, **known)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _table_of(fields: Fields) -> dict[str, Any]:
    return {name: toml_value(choice) for name, choice in fields.items() if choice.how != ABSENT}


def toml_value(choice: FieldChoice) -> Any:
    """Return the value of a field in a profile that makes this choice."""
    if choice.how == FIXED:
        return choice.constant
    if choice.how == WRITTEN:
        return dict(choice.more)
    table: dict[str, Any] = {choice.how: choice.column if choice.how == COLUMN else choice.template}
    if choice.as_:
        table["as"] = choice.as_
    for key in _TEXT_LISTS:
        if getattr(choice, key):
            table[key] = list(getattr(choice, key))
    if choice.scale is not None:
        table["scale"] = choice.scale
    if choice.words is not None:
        table["map"] = dict(choice.words)
        if choice.otherwise is not None:
            table["otherwise"] = choice.otherwise
    return table | dict(choice.more)
