"""How far a report is trusted, in words for the reviewer: level, score and reasons."""

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import EMPTY, chip, tones
from visits.enums import TrustSignal
from visits.models import ReportTrust, VisitReport
from visits.trust_enums import ReportSignal, TrustLevel

LEVEL_TONES = tones(TrustLevel, success=[TrustLevel.HIGH], warning=[TrustLevel.MEDIUM], danger=[TrustLevel.LOW])
WORDS: dict[str, Any] = dict(TrustSignal.choices) | dict(ReportSignal.choices)


def trust_chip(report: VisitReport) -> Any:
    """Return the level of a report as a chip; a dash where it was never found."""
    trust: ReportTrust | None = getattr(report, "trust", None)
    return EMPTY if trust is None else chip(trust, "level", LEVEL_TONES)


def reason_sentences(trust: ReportTrust | None) -> list[str]:
    """Return each reason to check a report with its weight, and how many photographs have it."""
    return [_sentence(reason) for reason in trust.reasons] if trust is not None else []


def _sentence(reason: dict[str, Any]) -> str:
    said = f"{reason['weight']:+d} {WORDS.get(reason['signal'], reason['signal'])}"
    if not reason["count"]:
        return said
    return str(format_lazy(_("{said} (photographs: {n})"), said=said, n=reason["count"]))
