"""Try a mapping on its sample: what is missing or wrong, an example of each field, and the rows as the intake reads them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.models import IntakeProfileVersion, ProfileSample
from cases.rules.profile.choices import (
    ABSENT,
    COLUMN,
    FIXED,
    FieldChoice,
    ProfileChoices,
    choices_of,
    toml_of,
    toml_value,
)
from cases.rules.profile.column_looks import Column, columns_of
from cases.rules.profile.field_sources import source
from cases.rules.profile.fields import RENEWED, RENEWED_REQUIRED, REPEATED, SINGLE, Section
from cases.rules.profile.header_words import is_protected
from cases.rules.profile.parse import check_header, file_format, parse_profile
from cases.rules.profile.refusals import Refused
from cases.rules.profile.sample_reading import Tried, example_of, read_sample
from cases.services.intake.profiles.sample_rows import SampleContent, SampleRows, empty_profile, rows_of, unpacked
from cases.services.intake.profiles.samples import territory_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """The first filled cell of a field and the value that it becomes, or what is wrong with the field."""

    text: str = ""
    value: Any = None
    problem: Any = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """
    A mapping tried on a sample.

    `file_problem` is why the file cannot be read, `missing` are required fields without a choice, `problem` is what else is
    wrong with the mapping, at the key `problem_key`. `tried` is there if nothing of this is.
    """

    columns: list[Column] = field(default_factory=list)
    examples: dict[str, Example] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    file_problem: str = ""
    problem: str = ""
    problem_key: str = ""
    tried: Tried | None = None


def try_mapping(*, choices: ProfileChoices, content: SampleContent, name: str, at: datetime) -> Trial:
    """Return what becomes of a sample by these choices; nothing is written."""
    try:
        header, rows = rows_of(content=content, choices=choices)
    except InvalidInput as error:
        return Trial(file_problem=str(error), problem_key=error.field)
    columns = columns_of(header=header, rows=[cells for _number, cells in rows])
    examples = dict(_examples(choices, header, rows))
    missing = missing_fields(choices=choices)
    trial = Trial(columns=columns, examples=examples, missing=missing)
    wrong = next(((key, example) for key, example in examples.items() if example.problem and not example.text), None)
    if wrong is not None:
        return replace(trial, problem=str(wrong[1].problem), problem_key=wrong[0])
    if missing:
        return trial
    try:
        profile = parse_profile(text=toml_of(choices=choices), name=name or "profile")
        check_header(profile=profile, header=header)
    except InvalidInput as error:
        return replace(trial, problem=str(error), problem_key=error.field)
    tried = read_sample(
        profile=profile,
        header=header,
        rows=rows,
        latest=timezone.localdate(at),
        territories=territory_names(),
    )
    return replace(trial, tried=tried)


def masked_trial(*, version: IntakeProfileVersion, at: datetime) -> Trial | None:
    """
    Return a version tried on the sample that it was made with, or None if the sample is deleted.

    The caller shows its values masked to everybody but the person who uploaded the sample.
    """
    sample = ProfileSample.objects.filter(version=version, expires_at__gt=at).order_by("-pk").first()
    if sample is None:
        return None
    content = unpacked(sample.content)
    return try_mapping(choices=choices_of(text=version.body), content=content, name=version.profile.name, at=at)


def offered_sections(*, choices: ProfileChoices) -> tuple[dict[str, Section], dict[str, Section]]:
    """Return the sections with fields that these choices may fill: those that a row holds once, and the repeated ones."""
    singles, repeated = SINGLE[choices.kind], REPEATED.get(choices.kind, {})
    if choices.top.get("updates_only") is not True:
        return dict(singles), dict(repeated)
    kept = [
        {
            section: {name: each for name, each in fields.items() if name in RENEWED[section]}
            for section, fields in sections.items()
            if section in RENEWED
        }
        for sections in (singles, repeated)
    ]
    return kept[0], kept[1]


def required_names(*, choices: ProfileChoices, section: str, fields: Section) -> frozenset[str]:
    """Return the fields of a section that a profile of these choices must fill."""
    if choices.top.get("updates_only") is True and section in SINGLE[choices.kind]:
        return RENEWED_REQUIRED & set(fields)
    return frozenset(name for name, each in fields.items() if each.required)


def missing_fields(*, choices: ProfileChoices) -> list[str]:
    """Return the keys of required fields without a choice."""
    singles, repeated = offered_sections(choices=choices)
    missing = []
    for section, fields in singles.items():
        filled = choices.singles.get(section, {})
        if choices.top.get("updates_only") is True and not filled and section != "account":
            continue
        required = required_names(choices=choices, section=section, fields=fields)
        missing += [f"{section}.{name}" for name in fields if name in required and _is_open(filled.get(name))]
    for section, blocks in choices.blocks.items():
        fields = repeated.get(section, {})
        required = required_names(choices=choices, section=section, fields=fields)
        for number, filled in enumerate(blocks):
            missing += [
                f"{section}.{number}.{name}" for name in fields if name in required and _is_open(filled.get(name))
            ]
    return missing


def _is_open(choice: FieldChoice | None) -> bool:
    return choice is None or choice.how == ABSENT or (choice.how == FIXED and choice.constant == "")


def _examples(choices: ProfileChoices, header: list[str], rows: SampleRows) -> Iterator[tuple[str, Example]]:
    file, marks = file_format(choices.file)
    profile = replace(empty_profile(file), chinese_ids=choices.top.get("identity_numbers") == "cn")
    singles, repeated = offered_sections(choices=choices)
    parts = [(section, section, singles.get(section, {}), filled) for section, filled in choices.singles.items()]
    for section, blocks in choices.blocks.items():
        parts += [(section, f"{section}.{n}", repeated.get(section, {}), filled) for n, filled in enumerate(blocks)]
    for section, where, fields, filled in parts:
        for name, choice in filled.items():
            if name not in fields or choice.how == ABSENT:
                continue
            if choice.how == COLUMN and (choice.column not in header or is_protected(choice.column)):
                what = (
                    _("This column is never taken in.")
                    if is_protected(choice.column)
                    else _("The file has no column {column}.").format(column=repr(choice.column))
                )
                yield f"{where}.{name}", Example(problem=what)
                continue
            try:
                mapped = source(f"{section}.{name}", toml_value(choice), fields[name], marks, section)
                if mapped.derive:
                    continue
                found = example_of(source=mapped, profile=profile, header=header, rows=rows)
            except InvalidInput as error:
                yield f"{where}.{name}", Example(problem=str(error))
            except KeyError as error:
                what = _("The file has no column {column}.").format(column=error)
                yield f"{where}.{name}", Example(problem=what)
            except Refused as refused:
                yield f"{where}.{name}", Example(text=refused.value, problem=refused)
            else:
                if found is not None:
                    yield f"{where}.{name}", Example(text=found[0], value=found[1])
