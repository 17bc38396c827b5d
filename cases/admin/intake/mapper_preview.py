"""The rows of a sample as a mapping reads them: values beside problems, counts by reason, personal data masked for others."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from backoffice.core.sealed.sealing import hidden, masked_address, masked_name, masked_tail
from cases.admin.intake.mapper_words import told, value_words
from cases.rules.profile.choices import ABSENT, ProfileChoices
from cases.rules.profile.field_help import field_name, section_name
from cases.rules.profile.fields import Field
from cases.rules.profile.sample_reading import TriedRow
from cases.services.intake.profiles.trial import Trial, offered_sections

# Values that may name or number people, whatever column a wrong mapping chose.
_FREE_TEXTS = frozenset({"text", "reference", "identity", "phone", "phones"})
# What a borrower earns and spends.
_AMOUNTS_OF_PEOPLE = frozenset({"monthly_income", "monthly_expenses"})


def preview_panel(*, choices: ProfileChoices, trial: Trial, labels: Mapping[str, str], clear: bool) -> dict[str, Any]:
    """Return the panel of the rows as read; without `clear` free texts are masked, as they may be names or numbers of people."""
    tried = trial.tried
    panel: dict[str, Any] = {
        "file_problem": trial.file_problem,
        "problem": trial.problem,
        "problem_field": key_words(trial.problem_key) if trial.problem_key else "",
        "missing": [key_words(key) for key in trial.missing],
        "clear": clear,
        "tried": None,
    }
    if tried is None:
        return panel
    singles, repeated = offered_sections(choices=choices)
    heads = [
        (section, name, singles[section][name])
        for section, filled in choices.singles.items()
        for name in singles.get(section, {})
        if name in filled and filled[name].how != ABSENT
    ]
    lists = [section for section in repeated if choices.blocks.get(section)]
    panel["tried"] = tried.counts() | {
        "heads": [
            *(f"{field_name(f'{section}.{name}')}" for section, name, _field in heads),
            *(str(section_name(section)) for section in lists),
        ],
        "lines": [
            {
                "number": each.number,
                "cells": [
                    *(_cell(each, section, name, field, labels, clear) for section, name, field in heads),
                    *(_list(each, section, repeated[section], labels, clear) for section in lists),
                ],
                "problems": [
                    {
                        "field": key_words(problem.field),
                        "reason": told(problem.reason, problem.params),
                        "value": problem.value if clear else "",
                    }
                    for problem in each.row.problems
                ],
                "doubts": [
                    {
                        "field": key_words(doubt.field),
                        "reason": told(doubt.reason, doubt.params),
                        "value": doubt.value if clear else "",
                    }
                    for doubt in each.row.doubts
                ],
            }
            for each in tried.shown
        ],
        "told": reasons_told(tried.counts()),
        "told_doubts": reasons_told(tried.counts(), name="doubts"),
    }
    return panel


def reasons_told(counts: Mapping[str, Any], name: str = "reasons") -> list[dict[str, Any]]:
    """Return the reasons of kept counts (or the doubts) in the reader's language, with the number of rows of each."""
    return [
        {"field": key_words(field), "reason": told(reason, params), "rows": rows}
        for field, reason, params, rows in counts.get(name, ())
    ]


def key_words(key: str) -> str:
    """Return the words of a field's key, with the number of its block: "phones[2].number", "phones.1.number"."""
    section, _dot, name = key.rpartition(".")
    plain, number = section, ""
    if "[" in section:
        plain, _bracket, rest = section.partition("[")
        number = rest.rstrip("]")
    elif section.rpartition(".")[2].isdecimal():
        plain, _dot, index = section.rpartition(".")
        number = str(int(index) + 1)
    if not plain:
        return name
    words = _("{section}: {field}").format(section=section_name(plain), field=field_name(f"{plain}.{name}"))
    return f"{words} ({number})" if number else words


def _cell(
    tried: TriedRow, section: str, name: str, field: Field, labels: Mapping[str, str], clear: bool
) -> dict[str, Any]:
    key = f"{section}.{name}"
    wrong = next((problem for problem in tried.row.problems if problem.field == key), None)
    if wrong is not None:
        return {"text": wrong.value if clear else "✗", "wrong": True}
    value = tried.row.single.get(section, {}).get(name)
    return {"text": shown(value, name, field, labels, clear), "wrong": False}


def _list(
    tried: TriedRow, section: str, fields: Mapping[str, Field], labels: Mapping[str, str], clear: bool
) -> dict[str, Any]:
    lines = [
        ", ".join(
            text
            for name, value in values.items()
            if value not in (None, "") and (text := shown(value, name, fields[name], labels, clear))
        )
        for values in tried.row.repeated.get(section, [])
    ]
    wrong = any(problem.field.startswith(f"{section}[") for problem in tried.row.problems)
    return {"text": "; ".join(lines), "wrong": wrong}


def shown(value: Any, name: str, field: Field, labels: Mapping[str, str], clear: bool) -> str:
    """Return a value for a cell; a free text is masked unless `clear`."""
    text = value_words(value, labels, field)
    if not clear and name in _AMOUNTS_OF_PEOPLE:
        return hidden(text)
    if clear or field.choices is not None or field.as_ not in _FREE_TEXTS:
        return text
    if name in ("name", "employer"):
        return masked_name(text)
    return masked_address(text) if name == "line" else masked_tail(text)
