"""A contradiction in words: who says what, how much that weighs, and which document would decide."""

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import label, tones
from cases.enums import Verdict
from visits.contradiction_enums import ContradictionState, Subject
from visits.models import Contradiction
from visits.rules.conduct.clauses import Words
from visits.rules.contradictions.claims import ALIVE, DEAD, WORKS, WORKS_NOT
from visits.rules.contradictions.masks import CODES

STATE_TONES = tones(
    ContradictionState,
    warning=[ContradictionState.OPEN],
    danger=[ContradictionState.CONFIRMED],
    success=[ContradictionState.CLEARED],
)
_CODE_WORDS: dict[str, Words] = {
    WORKS: _("works there"),
    WORKS_NOT: _("registered as unemployed"),
    ALIVE: _("was met"),
    DEAD: _("died"),
    **{str(verdict): verdict.label for verdict in Verdict},
}
_PART_WORDS: dict[str, Words] = {
    "province": _("province"),
    "city": _("city"),
    "district": _("district or county"),
    "town": _("town or subdistrict"),
    "village": _("village"),
    "road": _("street"),
    "lane": _("lane"),
    "house": _("house number"),
    "group": _("group of the village"),
    "estate": _("estate"),
    "phase": _("phase of the estate"),
    "building": _("building"),
    "unit": _("stair"),
    "room": _("flat"),
}
# From these weights on (shares).
_HEAVY, _MIDDLE = 70, 45


def value_words(*, contradiction: Contradiction, side: str) -> Words:
    """Return one of the two values, masked, or in words where it is a code; `side` is "left" or "right"."""
    value = str(getattr(contradiction, f"{side}_shown"))
    return _CODE_WORDS.get(value, value) if contradiction.subject in CODES else value


def side_words(*, contradiction: Contradiction, side: str) -> Words:
    """Return a source with its day: "Lease (2026-11-03)"."""
    source = getattr(contradiction, f"get_{side}_source_display")()
    day = getattr(contradiction, f"{side}_on")
    return format_lazy("{source} ({day})", source=source, day=day) if day else source


def difference_words(*, contradiction: Contradiction) -> Words:
    """Return in which part of the address the values differ, or how many times one income is the other; else empty."""
    if not contradiction.detail:
        return ""
    if contradiction.subject == Subject.INCOME:
        return format_lazy(_("{n} times as much"), n=contradiction.detail)
    part = _PART_WORDS.get(contradiction.detail)
    return format_lazy(_("differs in the {part}"), part=part) if part else ""


def weight_label(contradiction: Contradiction) -> Any:
    """Return how heavy a contradiction is, in one of three words."""
    percent = int(contradiction.weight * 100)
    if percent >= _HEAVY:
        return label(_("heavy"), "danger")
    return label(_("middling"), "warning") if percent >= _MIDDLE else label(_("slight"), "default")


def settled_words(*, contradiction: Contradiction) -> Words:
    """Return which source was found wrong, in words; empty while nobody has found any."""
    if not contradiction.wrong_side:
        return ""
    source = getattr(contradiction, f"get_{contradiction.wrong_side.lower()}_source_display")()
    return format_lazy(_("Wrong: {source}"), source=source)
