"""Choices of a form and the text of a profile: one becomes the other and back, and no key is lost."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import Phase, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from backoffice.core.errors import InvalidInput
from cases.enums import RecordKind
from cases.rules.profile.choices import (
    COLUMN,
    FIXED,
    TEMPLATE,
    WRITTEN,
    FieldChoice,
    ProfileChoices,
    choices_of,
    toml_of,
    toml_value,
    with_top,
)
from cases.rules.profile.fields import ACCOUNT, BORROWER, PHONE, Field
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.records import Profile, Source

SHIPPED = sorted((Path(settings.BASE_DIR) / "cases" / "profiles").glob("*.toml"))
# The mapper makes profiles of single files.
SHIPPED = [path for path in SHIPPED if path.stem != "core-files"]
# Texts as a header or a cell may hold them: quotes, line ends, control characters, other scripts; no halves of characters.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)
FORMATS = st.lists(st.sampled_from(["%Y-%m-%d", "%Y年%m月%d日", '%d "%m" %Y', "%b\\%Y"]), min_size=1, unique=True)
MARKS = st.lists(TEXTS, max_size=3).map(tuple)


def _numbers(field: Field) -> st.SearchStrategy[int | float]:
    """Return whole numbers and fractions within the bounds of the field; its bounds are whole where it has any."""
    least, below = int(field.minimum or 0), min(int(field.below or 10), 10)
    whole = st.integers(least, below - 1)
    return whole | st.floats(least, below, allow_nan=False, exclude_max=True)


def _constants(field: Field) -> st.SearchStrategy[Any]:
    if field.form:
        return st.sampled_from({"currency": ["CNY", "USD"], "name": ["张小三", "O'Brien"]}[field.form])
    if field.choices is not None:
        return st.sampled_from(sorted(field.choices))
    return {
        "text": st.text(st.characters(exclude_categories=["Cs"]), max_size=min(field.longest, 20)),
        "reference": st.text(st.characters(exclude_categories=["Cs"]), max_size=min(field.longest, 20)),
        "identity": st.just("11010519491231002X"),
        "phone": st.just("13900000060"),
        "phones": st.just("13900000060"),
        "decimal": _numbers(field),
        "whole": st.integers(0, 99),
        "date": st.dates(date(1990, 1, 1), date(2090, 1, 1)),
        "moment": st.just(tomllib.loads("at = 2026-03-02T08:00:00+08:00")["at"]),
        "flag": st.booleans(),
    }[field.as_]


def _choices(field: Field) -> st.SearchStrategy[FieldChoice]:
    options: dict[str, Any] = {"strip": MARKS}
    if field.as_ in ("date", "moment"):
        options["formats"] = FORMATS.map(tuple)
    elif field.as_ in ("decimal", "whole"):
        options["scale"] = st.none() | st.integers(1, 10_000) | st.floats(0.01, 100, allow_nan=False)
        options["as_"] = st.sampled_from(["", "percent"])
    elif field.as_ == "text":
        options["words"] = st.none() | st.dictionaries(TEXTS, _constants(field), max_size=3)
        options["more"] = st.just({}) | st.fixed_dictionaries({"pattern": st.just(r"(\d+) \"x\"")})
    column = st.builds(FieldChoice, how=st.just(COLUMN), column=TEXTS, **options)
    template = TEXTS.map(lambda text: "x-{" + "".join(c for c in text if c not in "{}!:[].") + "列}")
    made = st.builds(FieldChoice, how=st.just(TEMPLATE), template=template, **options)
    fixed = st.builds(FieldChoice, how=st.just(FIXED), constant=_constants(field))
    return column | made | fixed


def _section(fields: dict[str, Field]) -> st.SearchStrategy[dict[str, FieldChoice]]:
    return st.fixed_dictionaries(
        {name: _choices(field) for name, field in fields.items() if field.required},
        optional={name: _choices(field) for name, field in fields.items() if not field.required},
    )


PROFILES = st.builds(
    ProfileChoices,
    top=st.fixed_dictionaries(
        {"kind": st.just("ACCOUNTS"), "title": TEXTS},
        optional={
            "identity_numbers": st.just("cn"),
            "mode": st.sampled_from(["delta", "snapshot"]),
            "file": st.fixed_dictionaries(
                {}, optional={"delimiter": st.sampled_from([",", "\t", '"', "\\"]), "skip_lines": st.integers(0, 9)}
            ),
        },
    ),
    singles=st.fixed_dictionaries({"borrower": _section(BORROWER), "account": _section(ACCOUNT)}),
    blocks=st.just({})
    | st.fixed_dictionaries({"phones": st.lists(_section(PHONE), min_size=1, max_size=3).map(tuple)}),
)


# A profile has dozens of parts: to shrink a failing one takes minutes and tells little more.
QUICKLY = examples(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.generate])


@QUICKLY
@given(PROFILES)
def test_the_text_of_choices_makes_the_same_choices(choices: ProfileChoices) -> None:
    assert choices_of(text=toml_of(choices=choices)) == choices


def _choice_read(source: Source, chosen: FieldChoice) -> FieldChoice:
    """Return what a parsed source says, in the form of a choice; a conversion that is the field's own is no choice."""
    if source.constant is not None or not (source.columns or source.template):
        constant = source.constant
        return FieldChoice(
            how=FIXED, constant=type(chosen.constant)(constant) if isinstance(constant, Decimal) else constant
        )
    conversion = source.conversion
    more = {"pattern": source.pattern} if source.pattern else {}
    return FieldChoice(
        how=TEMPLATE if source.template else COLUMN,
        column=source.columns[0] if source.columns else "",
        template=source.template,
        as_=conversion.as_ if conversion.as_ != source.field.as_ else "",
        formats=conversion.formats,
        strip=conversion.strip,
        scale=None if conversion.scale is None else type(chosen.scale)(conversion.scale),
        words=source.words,
        more=more,
    )


@QUICKLY
@given(PROFILES)
def test_the_parsed_profile_says_what_was_chosen(choices: ProfileChoices) -> None:
    profile: Profile = parse_profile(text=toml_of(choices=choices), name="own")

    read: dict[str, list[dict[str, FieldChoice]]] = {}
    given_fields = [
        ("borrower", choices.singles["borrower"]),
        ("account", choices.singles["account"]),
        *((section, block) for section, blocks in choices.blocks.items() for block in blocks),
    ]
    for block, (section, fields) in zip(profile.blocks, given_fields, strict=True):
        assert block.section == section
        read.setdefault(section, []).append(
            {name: _choice_read(source, fields[name]) for name, source in block.mappings.items()}
        )
    assert read == {
        "borrower": [choices.singles["borrower"]],
        "account": [choices.singles["account"]],
        **{section: list(blocks) for section, blocks in choices.blocks.items()},
    }
    assert (profile.title, profile.mode) == (choices.top["title"], choices.top.get("mode", "delta").upper())
    assert (profile.chinese_ids, profile.file.delimiter, profile.file.skip_lines) == (
        "identity_numbers" in choices.top,
        choices.file.get("delimiter", ","),
        choices.file.get("skip_lines"),
    )


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_key_of_a_shipped_profile_is_lost(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert tomllib.loads(toml_of(choices=choices_of(text=text))) == tomllib.loads(text)


def test_keys_without_a_question_are_kept_where_they_are() -> None:
    text = """
kind = "ACCOUNTS"
updates_only = false
key_to_come = 7
[file]
blank_rows = "stop"
[account]
only_if = "external_ref"
external_ref = { columns = ["A", "B"], key_to_come = true }
status = { column = "C", map = {}, otherwise = "ACTIVE", default = "CLOSED", formats = "%Y", scale = true }
[[phones]]
only_if = "number"
number = { column = "D" }
"""
    choices = choices_of(text=text)

    assert tomllib.loads(toml_of(choices=choices)) == tomllib.loads(text)
    assert choices.singles["account"] == {
        "only_if": FieldChoice(how=FIXED, constant="external_ref"),
        "external_ref": FieldChoice(how=WRITTEN, more={"columns": ["A", "B"], "key_to_come": True}),
        "status": FieldChoice(
            how=COLUMN,
            column="C",
            words={},
            otherwise="ACTIVE",
            more={"default": "CLOSED", "formats": "%Y", "scale": True},
        ),
    }
    assert (choices.kind, dict(choices.file)) == (RecordKind.ACCOUNTS, {"blank_rows": "stop"})


@pytest.mark.parametrize(("text", "field"), [("kind =", "body"), ("", "kind"), ('kind = "OTHER"', "kind")])
def test_a_text_without_a_kind_or_that_is_not_toml_is_refused(text: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        choices_of(text=text)

    assert refused.value.field == field


def test_absent_fields_and_emptied_keys_are_left_out() -> None:
    choices = ProfileChoices(top={"kind": "SIGNALS", "title": "x"}, singles={"signal": {"kind": FieldChoice()}})

    assert toml_of(choices=with_top(choices=choices, title="", source="core")) == (
        'kind = "SIGNALS"\nsource = "core"\n\n[signal]\n'
    )
    assert toml_value(FieldChoice(how=COLUMN, column="A", scale=10_000)) == {"column": "A", "scale": 10_000}
