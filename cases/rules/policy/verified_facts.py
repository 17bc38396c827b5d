"""
The facts of a verification that a row of the proposal table may ask, beside the days past due of the account.

They are facts of one verification, not columns of AccountFacts, so no SQL computes them: `rules/decisions.py` gives their
values and `verified_conditions.py` compares them.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cases.enums import SECTION_VERDICTS, Certainty, Section, Verdict
from cases.rules.policy.feature import Feature, Place, Source, Unit
from cases.rules.policy.features import FEATURES

# Codes of findings at the door (domain notes 4.3) by the fact that they make. Those that take precedence over the table
# (rules/decisions.py) are none of these.
FINDINGS: Final[Mapping[str, frozenset[str]]] = {
    "hardship_told": frozenset({"F02"}),
    "address_failed": frozenset({"F22", "F23", "F24"}),
    "not_reached": frozenset({"F10", "F11", "F12", "F13", "F14", "F20", "F21", "F25"}),
}
_ONLY: Final = frozenset({Place.PROPOSALS})
_CERTAINTIES: Final[Mapping[str, str | Promise]] = {
    Section.IDENTITY: _("How sure the identity is"),
    Section.RESIDENCE: _("How sure the residence is"),
    Section.CAPACITY: _("How sure the capacity is"),
    Section.CAUSE: _("How sure the cause is"),
}
_CONFIDENCES: Final[Mapping[str, str | Promise]] = {
    Section.IDENTITY: _("Confidence of the identity"),
    Section.RESIDENCE: _("Confidence of the residence"),
    Section.CAPACITY: _("Confidence of the capacity"),
    Section.CAUSE: _("Confidence of the cause"),
}


def _fact(name: str, label: str | Promise, unit: Unit, doc: str | Promise) -> Feature:
    return Feature(name=name, label=label, unit=unit, source=Source.VERDICTS, expression="", doc=doc, places=_ONLY)


def _facts() -> Mapping[str, Feature]:
    found = []
    for section in Section.values:
        name = section.lower()
        sure = _("Firm: with evidence, and at least as sure as the policy's threshold. Likely: at least 50 %.")
        share = _("As the report gives it, whether or not there is evidence.")
        found += [
            _fact(name, Section(section).label, Unit.WORD, _('What was established; "not established" is neutral.')),
            _fact(f"{name}_certainty", _CERTAINTIES[section], Unit.WORD, sure),
            _fact(f"{name}_confidence", _CONFIDENCES[section], Unit.SHARE, share),
        ]
    told = _("Finding F02: the borrower told of hardship. Nothing may be taken on it.")
    failed = _("Findings F22, F23, F24: moved out, no such address, demolished. Neutral.")
    missed = _("Findings F10 to F14, F20, F21, F25: somebody else, nobody, or no entry. Neutral.")
    found += [
        _fact("hardship_told", _("Told of hardship"), Unit.FLAG, told),
        _fact("address_failed", _("The address does not hold"), Unit.FLAG, failed),
        _fact("not_reached", _("The borrower was not reached"), Unit.FLAG, missed),
        _fact("right_party_met", _("The borrower was met"), Unit.FLAG, _("Neutral: an absent person evades nobody.")),
        _fact("cooperative", _("The borrower cooperated"), Unit.FLAG, _("Neutral: nobody has to talk.")),
    ]
    return MappingProxyType({fact.name: fact for fact in found})


VERIFIED_FACTS: Final = _facts()
# The words that each fact can be: the verdicts of its section, and how sure they are.
FACT_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {section.lower(): tuple(str(verdict) for verdict in verdicts) for section, verdicts in SECTION_VERDICTS.items()}
    | {f"{section.lower()}_certainty": tuple(Certainty.values) for section in Section.values}
    # Features of accounts: what was established and still counts.
    | {
        f"verified_{section.lower()}": tuple(str(verdict) for verdict in verdicts if verdict != Verdict.NOT_ESTABLISHED)
        for section, verdicts in SECTION_VERDICTS.items()
    }
)
FACT_LABELS: Final[Mapping[str, type[Verdict] | type[Certainty]]] = MappingProxyType(
    {name: Certainty if name.endswith("_certainty") else Verdict for name in FACT_WORDS}
)
# Whether somebody was at home, let the visitor in, talked or lives there is no ground to take anything (list c, 8 and 13).
NEUTRAL_FACTS: Final = frozenset(
    {
        "address_failed",
        "not_reached",
        "right_party_met",
        "cooperative",
        "residence",
        "residence_certainty",
        "residence_confidence",
    }
)


def find_feature(name: str) -> Feature | None:
    """Return the feature of accounts or the fact of a verification with that name, None if there is none."""
    return FEATURES.get(name) or VERIFIED_FACTS.get(name)


def feature_of(name: str) -> Feature:
    """Return the feature of accounts or the fact of a verification. :raises KeyError: if there is none of that name."""
    return FEATURES[name] if name in FEATURES else VERIFIED_FACTS[name]
