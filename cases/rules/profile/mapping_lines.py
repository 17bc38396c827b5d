"""A mapping as a table of lines, and the difference between two mappings."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cases.rules.profile.choices import ABSENT, FIXED, WRITTEN, FieldChoice, ProfileChoices


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """
    One field of a mapping: its key with the number of its block ("phones.0.number"), where its value comes from, and the
    conversions as (key of the profile, value).
    """

    key: str
    choice: FieldChoice
    conversions: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A key that two mappings fill differently; None where one of them does not fill it."""

    key: str
    before: Any
    after: Any


def mapping_lines(*, choices: ProfileChoices) -> list[Line]:
    """Return a line for each field that the mapping fills."""
    return [
        Line(key=key, choice=choice, conversions=tuple(conversions_of(choice)))
        for key, choice in _fields(choices)
        if choice.how != ABSENT
    ]


def differences(*, before: ProfileChoices, after: ProfileChoices) -> list[Difference]:
    """Return what differs: keys outside of sections with their values, fields with their choices."""
    tops = [_flat(dict(each.top)) for each in (before, after)]
    fields: list[dict[str, Any]] = [dict(_fields(each)) for each in (before, after)]
    found = []
    for old, new in (tops, fields):
        for key in dict.fromkeys([*old, *new]):
            if old.get(key) != new.get(key):
                found.append(Difference(key=key, before=old.get(key), after=new.get(key)))
    return found


def _flat(top: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in top.items():
        if isinstance(value, dict):
            flat |= {f"{key}.{inner}": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat


def _fields(choices: ProfileChoices) -> Iterator[tuple[str, FieldChoice]]:
    for section, fields in choices.singles.items():
        for name, choice in fields.items():
            yield f"{section}.{name}", choice
    for section, blocks in choices.blocks.items():
        for number, fields in enumerate(blocks):
            for name, choice in fields.items():
                yield f"{section}.{number}.{name}", choice


def conversions_of(choice: FieldChoice) -> Iterator[tuple[str, Any]]:
    """Yield what is done with the text of a column, as (key of a profile, value)."""
    if choice.how in (FIXED, WRITTEN):
        return
    for key, value in (
        ("as", choice.as_),
        ("formats", choice.formats),
        ("strip", choice.strip),
        ("scale", choice.scale),
        ("map", choice.words),
        ("otherwise", choice.otherwise),
    ):
        if value not in ("", (), None):
            yield key, value
    yield from choice.more.items()
