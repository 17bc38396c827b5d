"""
What follows from each finding code, as data (domain 4.3).

No finding says evasive: absence, refusal, dispute and silence are rights or accidents (domain 5.1, list
c 8 and 13). Whether somebody evades is decided by a person, with evidence, elsewhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from visits.enums import (
    AddressVerdict,
    Attitude,
    Disclosure,
    Finding,
    MediaScope,
    PersonMet,
    Protection,
    Recommendation,
)

VALID, INVALID, DOUBTFUL = AddressVerdict.VALID, AddressVerdict.INVALID, AddressVerdict.DOUBTFUL
SELF, NOBODY = frozenset({PersonMet.BORROWER}), frozenset({PersonMet.NOBODY})
OTHERS = frozenset(PersonMet) - {PersonMet.BORROWER, PersonMet.NOBODY, PersonMet.MINOR}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """
    The consequences of one finding.

    `persons`: who can have been met. `disclosure`: the most that may be said. `follow_up`: what the report
    may recommend, best first. `address_verdict`: what the finding implies, None if nothing.
    `protection`: what is put on the borrower at once. `is_hearsay`: rests on another's word.
    `is_incident`: needs an incident entry and no repeat without approval. `cools_off`: starts the
    cool-off after a refusal to talk. `needs_human_review`: always read in full by a person.
    """

    persons: frozenset[PersonMet]
    disclosure: Disclosure
    media: MediaScope
    follow_up: tuple[Recommendation, ...]
    attitude: Attitude = Attitude.NEUTRAL
    address_verdict: AddressVerdict | None = None
    protection: Protection | None = None
    is_hearsay: bool = False
    is_incident: bool = False
    cools_off: bool = False
    blocks_person: bool = False
    needs_human_review: bool = False

    @property
    def is_right_party_contact(self) -> bool:
        """Whether the borrower in person was met and identified."""
        return self.persons == SELF

    @property
    def stops_visits(self) -> bool:
        """Whether no further visit may be planned until a person lifts it."""
        return self.protection is not None


SELF_MET = FindingRule(
    persons=SELF, disclosure=Disclosure.FULL, media=MediaScope.CONTACT, follow_up=(), address_verdict=VALID
)
OTHER_MET = FindingRule(persons=OTHERS, disclosure=Disclosure.NONE, media=MediaScope.EXTERIOR, follow_up=())
NOBODY_MET = replace(OTHER_MET, persons=NOBODY)

R = Recommendation

FINDINGS: Mapping[Finding, FindingRule] = MappingProxyType(
    {
        Finding.F01: replace(
            SELF_MET,
            follow_up=(R.OFFER_PLAN, R.REMOTE_CONTACT, R.ASSESS_HARDSHIP, R.LEGAL_REVIEW, R.CLOSE),
            attitude=Attitude.COOPERATIVE,
        ),
        Finding.F02: replace(
            SELF_MET,
            follow_up=(R.ASSESS_HARDSHIP, R.CEASE_AND_CARE),
            attitude=Attitude.COOPERATIVE,
            protection=Protection.HARDSHIP_PENDING,
            needs_human_review=True,
        ),
        Finding.F03: replace(SELF_MET, follow_up=(R.CEASE_AND_CARE, R.FRAUD_REVIEW), protection=Protection.DISPUTED),
        Finding.F04: replace(SELF_MET, follow_up=(R.REMOTE_CONTACT, R.LEGAL_REVIEW, R.CLOSE), cools_off=True),
        Finding.F05: replace(
            SELF_MET,
            disclosure=Disclosure.NONE,
            media=MediaScope.EXTERIOR,
            follow_up=(R.CEASE_AND_CARE, R.ASSESS_HARDSHIP),
            protection=Protection.SPECIAL_CARE,
            needs_human_review=True,
        ),
        Finding.F06: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.UNCONFIRMED}),
            follow_up=(R.REMOTE_CONTACT, R.REPAIR_ADDRESS, R.CLOSE),
        ),
        Finding.F10: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.FAMILY_ADULT}),
            follow_up=(R.REMOTE_CONTACT, R.REPAIR_ADDRESS, R.VISIT_AGAIN, R.CLOSE),
        ),
        Finding.F11: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.OBLIGOR}),
            disclosure=Disclosure.OWN_OBLIGATION,
            media=MediaScope.CONTACT,
            follow_up=(R.OFFER_PLAN, R.REMOTE_CONTACT, R.LEGAL_REVIEW, R.CLOSE),
        ),
        Finding.F12: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.COLLEAGUE, PersonMet.FRIEND}),
            follow_up=(R.REMOTE_CONTACT, R.REPAIR_ADDRESS, R.CLOSE),
        ),
        Finding.F13: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.MINOR}),
            media=MediaScope.NONE,
            follow_up=(R.REMOTE_CONTACT, R.CLOSE),
        ),
        Finding.F14: replace(OTHER_MET, follow_up=(R.REMOTE_CONTACT, R.REPAIR_ADDRESS, R.CLOSE), blocks_person=True),
        Finding.F20: replace(NOBODY_MET, follow_up=(R.REMOTE_CONTACT, R.VISIT_AGAIN, R.REPAIR_ADDRESS, R.CLOSE)),
        Finding.F21: replace(
            NOBODY_MET,
            follow_up=(R.REPAIR_ADDRESS, R.REMOTE_CONTACT, R.CLOSE),
            address_verdict=DOUBTFUL,
        ),
        Finding.F22: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.OCCUPANT, PersonMet.NEIGHBOUR, PersonMet.PROPERTY_OFFICE}),
            follow_up=(R.REPAIR_ADDRESS, R.REMOTE_CONTACT, R.CLOSE),
            address_verdict=INVALID,
            is_hearsay=True,
        ),
        Finding.F23: replace(
            NOBODY_MET, follow_up=(R.REPAIR_ADDRESS, R.REMOTE_CONTACT, R.CLOSE), address_verdict=INVALID
        ),
        Finding.F24: replace(
            NOBODY_MET, follow_up=(R.REPAIR_ADDRESS, R.REMOTE_CONTACT, R.CLOSE), address_verdict=INVALID
        ),
        Finding.F25: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.PROPERTY_OFFICE, PersonMet.NOBODY}),
            follow_up=(R.REMOTE_CONTACT, R.VISIT_AGAIN, R.CLOSE),
        ),
        Finding.F26: replace(
            OTHER_MET,
            persons=frozenset({PersonMet.COLLEAGUE, PersonMet.PROPERTY_OFFICE, PersonMet.OCCUPANT, PersonMet.NOBODY}),
            follow_up=(R.REPAIR_ADDRESS, R.REMOTE_CONTACT, R.CLOSE),
            address_verdict=DOUBTFUL,
            is_hearsay=True,
        ),
        Finding.F30: replace(
            OTHER_MET,
            persons=OTHERS | NOBODY,
            follow_up=(R.CEASE_AND_CARE,),
            protection=Protection.DECEASED,
            is_hearsay=True,
            needs_human_review=True,
        ),
        Finding.F31: replace(
            OTHER_MET,
            persons=OTHERS | NOBODY,
            follow_up=(R.CEASE_AND_CARE,),
            protection=Protection.SPECIAL_CARE,
            is_hearsay=True,
        ),
        Finding.F40: replace(
            OTHER_MET,
            persons=frozenset(PersonMet),
            follow_up=(R.REMOTE_CONTACT, R.LEGAL_REVIEW, R.CEASE_AND_CARE, R.CLOSE),
            is_incident=True,
            needs_human_review=True,
        ),
        Finding.F41: replace(NOBODY_MET, media=MediaScope.NONE, follow_up=(R.CLOSE, R.REMOTE_CONTACT)),
        Finding.F50: replace(SELF_MET, follow_up=(R.FRAUD_REVIEW,), protection=Protection.FRAUD_CLAIM),
    }
)

# Findings under which the crew was not at the door long enough for the usual photographs.
NO_PHOTOGRAPHS_ASKED = frozenset({Finding.F13, Finding.F40, Finding.F41})


def strictest_disclosure(*, findings: tuple[Finding, ...]) -> Disclosure:
    """Return the least that any of `findings` allows to be said; FULL for none at all is never returned."""
    allowed = {FINDINGS[finding].disclosure for finding in findings}
    for disclosure in (Disclosure.NONE, Disclosure.OWN_OBLIGATION, Disclosure.FULL):
        if disclosure in allowed:
            return disclosure
    return Disclosure.NONE


def strictest_media(*, findings: tuple[Finding, ...]) -> MediaScope:
    """Return the narrowest media scope that any of `findings` allows; NONE for no finding."""
    allowed = {FINDINGS[finding].media for finding in findings}
    for scope in (MediaScope.NONE, MediaScope.EXTERIOR, MediaScope.CONTACT):
        if scope in allowed:
            return scope
    return MediaScope.NONE


def implied_address_verdict(*, findings: tuple[Finding, ...]) -> AddressVerdict | None:
    """Return the address verdict that `findings` imply, the worst one first; None if they imply nothing."""
    implied = {FINDINGS[finding].address_verdict for finding in findings}
    return next((verdict for verdict in (INVALID, DOUBTFUL, VALID) if verdict in implied), None)


def protections_called(*, findings: tuple[Finding, ...]) -> frozenset[Protection]:
    """Return the protections that `findings` put on the borrower at once."""
    return frozenset(rule.protection for f in findings if (rule := FINDINGS[f]).protection is not None)
