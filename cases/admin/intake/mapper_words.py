"""Values, formats and choices of the mapper as a person reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext as _

# Not the public gettext: makemessages would look for a literal text here. The reasons are marked in rules/profile/refusals.py.
from django.utils.translation.trans_real import gettext

from backoffice.core.canonical.telephones import ReadTelephones
from cases.admin.intake.mapper_form import KEEP, shown_constant
from cases.rules.profile import refusals
from cases.rules.profile.choices import COLUMN, FIXED, TEMPLATE, FieldChoice
from cases.rules.profile.fields import Field
from cases.rules.profile.refusals import Refused
from cases.services.intake.profiles.trial import Example

_MOMENT: Final = datetime(2026, 11, 5, 14, 30)  # noqa: DTZ001  only shown as an example of a format
# Numbers with a bound below this are shares and rates.
RATE_BELOW: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Values that a reader may choose from: territories by code, and the words of our codes."""

    territories: Mapping[str, Sequence[str]]
    labels: Mapping[str, str]

    def of(self, field: Field, name: str) -> list[tuple[str, Any]]:
        """Return what a field may be set to; none if it is typed."""
        if name == "territory":
            return [(code, " ".join((code, *names[:1]))) for code, names in self.territories.items()]
        if field.as_ == "flag":
            return [("true", _("yes")), ("false", _("no"))]
        return [(code, self.labels.get(code, code)) for code in sorted(field.choices or ())]


def selected(values: Sequence[tuple[str, Any]], chosen: str) -> list[tuple[str, Any, bool]]:
    """Return (value, words, whether chosen); a choice that is not offered is kept as it is."""
    found = [(value, label, value == chosen) for value, label in values]
    if chosen and chosen not in {value for value, _label in values}:
        found.append((KEEP, _("as written: {value}").format(value=chosen), True))
    return found


def format_words(formats: tuple[str, ...], field: Field | None) -> str:
    """Return a day written in each of the formats; without formats as the field is read by itself."""
    if not formats:
        return "2026-11-05" if field is None or field.as_ == "date" else "2026-11-05 14:30:00"
    shown = []
    for pattern in formats:
        try:
            text = _MOMENT.strftime(pattern)
        except ValueError:
            text = pattern
        if pattern in ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y"):
            text += _(" (day first)")
        elif pattern == "%m/%d/%Y":
            text += _(" (month first)")
        shown.append(text)
    return _(" or ").join(shown)


def toml_words(more: Mapping[str, Any]) -> str:
    """Return keys that the page has no question for, in one line."""
    return ", ".join(f"{key} = {value!r}" for key, value in more.items())


def example_words(example: Example | None, labels: Mapping[str, str], field: Field) -> dict[str, Any] | None:
    """Return the example of a field for its card: the text, and the value or what is wrong."""
    if example is None:
        return None
    problem = example.problem
    if isinstance(problem, Refused):
        problem = told(problem.reason, problem.params)
    return {"text": example.text, "value": value_words(example.value, labels, field), "problem": str(problem or "")}


def told(reason: str, params: Mapping[str, str]) -> str:
    """Return a reason of a refusal in the reader's language, with the remedy that the page offers."""
    if reason == refusals.NOT_A_WORD:
        return _("This word is not known. Choose at the field what it means.")
    if reason == refusals.NO_SUCH_TERRITORY:
        return _("There is no such territory. Choose one at the field.")
    if reason == refusals.SAYS_NOTHING:
        return _("This text seems to stand for no value. If it does, write it at: Texts that mean an empty cell.")
    return gettext(reason).format(**params)


def is_rate(field: Field) -> bool:
    """Return whether a field is a share or a rate, kept as a fraction."""
    return field.as_ == "decimal" and field.below is not None and field.below <= RATE_BELOW


def value_words(value: Any, labels: Mapping[str, str], field: Field) -> str:
    """Return a value as a person reads it; a rate in percent."""
    if value is None or value == "":
        return ""
    if isinstance(value, ReadTelephones):
        return ", ".join(
            f"{each.number} ext. {each.extension}" if each.extension else each.number for each in value.telephones
        )
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal) and is_rate(field):
        return f"{(value * 100).normalize():f} %"
    if isinstance(value, Decimal):
        return f"{value.normalize():,f}" if value else "0"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return f"{value:,}"
    return labels.get(value, str(value)) if field.choices else str(value)


def source_words(choice: FieldChoice, labels: Mapping[str, str]) -> str:
    """Return where a field's value comes from, in words."""
    if choice.how == COLUMN:
        return _("column {name}").format(name=choice.column)
    if choice.how == TEMPLATE:
        return _("text {text}").format(text=choice.template)
    if choice.how == FIXED:
        value = shown_constant(choice.constant)
        return _("always {value}").format(value=labels.get(value, value))
    return toml_words(choice.more)


def conversion_words(key: str, value: Any, labels: Mapping[str, str]) -> str:
    """Return one key of a mapping in words; a key that the page has no words for stands as it is written."""
    if key == "as":
        known = {"percent": _("percent"), "months_late": _("months late")}
        return known.get(value, f"as = {value}")
    if key == "formats":
        return _("date written as {formats}").format(formats=format_words(tuple(value), None))
    if key == "strip":
        return _("without {marks}").format(marks=" ".join(value))
    if key == "scale":
        return _("times {number}").format(number=f"{value:,}")
    if key == "map":
        return ", ".join(f"{word} = {labels.get(str(code), shown_constant(code))}" for word, code in value.items())
    if key == "otherwise":
        return _("every other word = {value}").format(value=labels.get(str(value), shown_constant(value)))
    return f"{key} = {value!r}"
