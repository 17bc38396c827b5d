"""What the mapper's page shows: columns with guesses, a card for each field with its options, and the rows as read."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cases.admin.intake.mapper_form import JOINT, shown_constant
from cases.admin.intake.mapper_words import Words, example_words, format_words, selected, toml_words
from cases.enums import RecordKind
from cases.rules.profile.choices import ABSENT, COLUMN, FIXED, TEMPLATE, WRITTEN, FieldChoice, ProfileChoices
from cases.rules.profile.column_looks import DATE_FORMATS, SHOWN_VALUES, Column
from cases.rules.profile.field_help import field_help, field_name, section_name
from cases.rules.profile.fields import Field, Section
from cases.rules.profile.file_looks import AUTOMATIC
from cases.rules.profile.header_words import is_protected
from cases.services.intake.profiles.trial import Trial, offered_sections, required_names

ENCODING_WORDS: Final = (
    ("auto", gettext_lazy("UTF-8 or GB18030, whichever fits")),
    ("utf-16", "UTF-16"),
    ("utf-16-le", gettext_lazy("Unicode without its mark (UTF-16 LE)")),
    ("utf-16-be", gettext_lazy("Unicode without its mark (UTF-16 BE)")),
    ("big5", gettext_lazy("Big5 (traditional Chinese)")),
    ("cp1252", gettext_lazy("Windows-1252 (Western Europe)")),
)
DELIMITER_WORDS: Final = (
    (",", gettext_lazy("comma")),
    ("tab", gettext_lazy("tab")),
    (";", gettext_lazy("semicolon")),
    ("|", gettext_lazy("vertical bar")),
)
SCALES: Final = (
    ("", gettext_lazy("元 (as written)")),
    ("10000", gettext_lazy("万元 (times 10,000)")),
    ("1000", gettext_lazy("千元 (times 1,000)")),
    ("0.01", gettext_lazy("分 (hundredths)")),
)


def columns_table(*, columns: Sequence[Column], choices: ProfileChoices) -> list[dict[str, Any]]:
    """Return a line for each column of the file: its first values, empty cells, and the fields that it fills."""
    filled: dict[str, list[str]] = {}
    for section, fields in choices.singles.items():
        for name, choice in fields.items():
            for column in _columns_read(choice):
                filled.setdefault(column, []).append(str(field_name(f"{section}.{name}")))
    for section, blocks in choices.blocks.items():
        for fields in blocks:
            for name, choice in fields.items():
                for column in _columns_read(choice):
                    filled.setdefault(column, []).append(str(field_name(f"{section}.{name}")))
    return [
        {
            "name": column.name,
            "values": column.values[:SHOWN_VALUES],
            "more": max(0, column.distinct - SHOWN_VALUES),
            "empty": f"{column.empty * 100:.0f}%",
            "fills": list(dict.fromkeys(filled.get(column.name, ()))),
            "protected": is_protected(column.name),
        }
        for column in columns
    ]


def _columns_read(choice: FieldChoice) -> tuple[str, ...]:
    if choice.how == WRITTEN:
        columns = choice.more.get("columns", choice.more.get("column", ()))
        return (columns,) if isinstance(columns, str) else tuple(columns)
    return (choice.column,) if choice.how == COLUMN else ()


def field_cards(*, choices: ProfileChoices, trial: Trial, words: Words) -> list[dict[str, Any]]:
    """Return the sections in order, each with its cards; a repeated one with a list of cards for each block."""
    singles, repeated = offered_sections(choices=choices)
    cards = _Cards(choices=choices, trial=trial, words=words)
    found = [
        {"key": section, "name": section_name(section)}
        | _counted(cards.of(section, section, fields, choices.singles.get(section, {})))
        for section, fields in singles.items()
    ]
    for section, fields in repeated.items():
        blocks = choices.blocks.get(section, ())
        found.append(
            {
                "key": section,
                "name": section_name(section),
                "repeated": True,
                "count": len(blocks),
                "blocks": [
                    {"number": number + 1, "index": number}
                    | _counted(cards.of(section, f"{section}.{number}", fields, filled))
                    for number, filled in enumerate(blocks)
                ],
            }
        )
    return found


def _counted(cards: Iterator[dict[str, Any]]) -> dict[str, Any]:
    """Return the cards of a section, and how many of them nothing fills and nothing has to."""
    fields = list(cards)
    return {"fields": fields, "rest": sum(1 for card in fields if card["is_open"] and not card["required"])}


class _Cards:
    """Makes the card of each field."""

    def __init__(self, *, choices: ProfileChoices, trial: Trial, words: Words) -> None:
        self.choices, self.trial, self.words = choices, trial, words
        self.columns = {column.name: column for column in trial.columns}

    def of(
        self, section: str, where: str, fields: Section, filled: Mapping[str, FieldChoice]
    ) -> Iterator[dict[str, Any]]:
        """Yield the cards of a section or block, required fields first."""
        required = required_names(choices=self.choices, section=section, fields=fields)
        for name in sorted(fields, key=lambda each: each not in required):
            choice = filled.get(name, FieldChoice())
            key = f"{where}.{name}"
            yield {
                "key": key,
                "name": field_name(f"{section}.{name}"),
                "help": field_help(f"{section}.{name}"),
                "required": name in required,
                "missing": key in self.trial.missing,
                "is_open": choice.how == ABSENT,
                "chosen": f"column:{choice.column}" if choice.how == COLUMN else choice.how,
                "written": toml_words(choice.more) if choice.how == WRITTEN else "",
                "unknown_column": choice.how == COLUMN and choice.column not in self.columns and choice.column,
                "options": self.options(key, name, fields[name], choice),
                "example": example_words(self.trial.examples.get(key), self.words.labels, fields[name]),
            }

    def options(self, key: str, name: str, field: Field, choice: FieldChoice) -> dict[str, Any]:
        """Return what the card asks besides the column, for this kind of field."""
        if choice.how == FIXED:
            values = self.words.of(field, name)
            kind = "date" if field.as_ == "date" else "text"
            return {"key": key, "fixed": shown_constant(choice.constant), "values": values, "input": kind}
        if choice.how == TEMPLATE:
            return {"key": key, "template": choice.template, "is_template": True}
        if choice.how != COLUMN:
            return {}
        column = self.columns.get(choice.column)
        found: dict[str, Any] = {"key": key, "column": choice.column, "more": toml_words(choice.more)}
        if field.as_ in ("date", "moment"):
            found["formats"] = self._formats(field, choice, column)
        elif field.as_ == "decimal" and field.below is not None and field.below <= 2:
            found["as"] = selected(
                [("", _("fraction: 0.18 is 18 %")), ("percent", _("percent: 18 or 18% is 18 %"))], choice.as_
            )
        elif field.as_ == "decimal" and name not in ("latitude", "longitude"):
            found["scale"] = selected(
                [(value, str(label)) for value, label in SCALES], "" if choice.scale is None else f"{choice.scale}"
            )
            found["strip"] = " ".join(choice.strip)
        elif field.as_ == "whole":
            if name == "days_past_due":
                found["as"] = selected([("", _("days")), ("months_late", _("months late"))], choice.as_)
            found["strip"] = " ".join(choice.strip)
        elif field.as_ == "flag" or field.choices is not None or name == "territory":
            found |= self._words(field, name, choice, column)
        return found

    def _formats(self, field: Field, choice: FieldChoice, column: Column | None) -> list[tuple[str, str, bool]]:
        guessed = column.looks.formats if column else ()
        own = () if guessed == ("%Y-%m-%d",) and field.as_ == "date" else guessed
        offered = list(
            dict.fromkeys(
                [(), own, *((pattern,) for pattern in DATE_FORMATS if field.as_ == "moment" or "%H" not in pattern)]
            )
        )
        return [
            (value, label, value == JOINT.join(choice.formats))
            for value, label in (
                (JOINT.join(formats), format_words(formats, field)) for formats in _with(offered, choice.formats)
            )
        ]

    def _words(self, field: Field, name: str, choice: FieldChoice, column: Column | None) -> dict[str, Any]:
        values = self.words.of(field, name)
        own = {code for code, _label in values} if field.as_ != "flag" else set()
        given = dict(choice.words or {})
        seen = [
            *(column.values if column else ()),
            *(word for word in given if not column or word not in column.values),
        ]
        lines = []
        for number, word in enumerate(seen):
            value = (
                shown_constant(given[word]) if word in given else word if choice.words is None and word in own else ""
            )
            lines.append({"number": number, "word": word, "values": selected(values, value), "open": not value})
        return {
            "words": lines,
            "word_count": len(lines),
            "hidden_words": max(0, column.distinct - len(column.values)) if column else 0,
            "otherwise": selected(values, shown_constant(choice.otherwise)),
        }


def _with(offered: list[tuple[str, ...]], chosen: tuple[str, ...]) -> list[tuple[str, ...]]:
    return offered if chosen in offered else [*offered, chosen]


def general_card(*, choices: ProfileChoices, format: str, sheets: Sequence[str], width: int) -> dict[str, Any]:
    """Return what the form asks about the file and the whole profile."""
    file = choices.file
    encodings = tuple(file.get("encodings", AUTOMATIC))
    delimiter = file.get("delimiter", ",")
    top = choices.top
    return {
        "format": format,
        "has_accounts": choices.kind == RecordKind.ACCOUNTS,
        "encodings": selected(
            [(value, str(label)) for value, label in ENCODING_WORDS],
            "auto" if encodings in (AUTOMATIC, ()) else " ".join(encodings),
        ),
        "delimiters": selected(
            [(value, str(label)) for value, label in DELIMITER_WORDS], "tab" if delimiter == "\t" else delimiter
        ),
        "sheets": selected([("", _("the first one")), *((name, name) for name in sheets)], str(file.get("sheet", ""))),
        "header_row": file.get("skip_lines", 0) + 1,
        "headless": "columns" in file,
        "width": width,
        "empty": " ".join(file.get("empty", ())),
        "decimal_comma": file.get("decimal_mark", ".") == ",",
        "title": top.get("title", ""),
        "source": top.get("source", ""),
        "modes": selected(
            [("", _("only changed accounts (or both)")), ("snapshot", _("all accounts: others are gone"))],
            "" if top.get("mode", "delta") == "delta" else str(top["mode"]),
        ),
        "updates_only": top.get("updates_only") is True,
        "identity_numbers": top.get("identity_numbers") == "cn",
        "kept": sorted(
            set(top)
            - {"kind", "file", "title", "source", "mode", "updates_only", "identity_numbers", "snapshot", "territories"}
        ),
    }
