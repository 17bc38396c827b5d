"""
The conduct limits that are shipped for each jurisdiction, with their status and source (domain notes, sections 1 and 2).

Where a jurisdiction is silent, or allows more than the house does, the house values of `ConductPolicy` hold: a visit to a
home at eight in the evening is no milder because a law allows it. Texts were read through digests, and the operator's
lawyers must confirm every value. A tenant tightens a jurisdiction's limits by its code, never loosens one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from visits.rules.conduct.policy import ConductPolicy, tightened

CHINA: Final = "CN"


class Standing(StrEnum):
    """How far a text binds."""

    IN_FORCE = "in force"
    RECOMMENDED = "recommended standard"
    GUIDANCE = "guidance"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedLimits:
    """
    The limits of one jurisdiction. `own` are those that its text sets; all others are the house's.

    `not_encoded` says which of its rules no limit holds, and why.
    """

    code: str
    name: str
    source: str
    standing: Standing
    policy: ConductPolicy
    own: Mapping[str, str]
    not_encoded: tuple[str, ...] = ()


HOUSE: Final = ConductPolicy()


def _limits(code: str, **changes: Any) -> ConductPolicy:
    """Return the house values with stricter ones of a jurisdiction; a looser one is refused at import."""
    return replace(tightened(HOUSE, **changes), jurisdiction=code, version=f"{code}-1")


SHIPPED: Final[Mapping[str, ShippedLimits]] = MappingProxyType(
    {
        each.code: each
        for each in (
            ShippedLimits(
                code=CHINA,
                name="Mainland China",
                source="GB/T 45251-2025; guideline of the China Banking Association on collection of consumer loans (trial, 2026)",
                standing=Standing.RECOMMENDED,
                policy=HOUSE,
                own={
                    "quiet_from": "GB/T 45251-2025 and the guideline: none from 22:00 to 08:00 unless agreed",
                    "quiet_until": "GB/T 45251-2025 and the guideline: none from 22:00 to 08:00 unless agreed",
                    "min_crew": "guideline: several collectors with identification",
                },
            ),
            ShippedLimits(
                code="UK",
                name="United Kingdom",
                source="FCA Handbook, CONC 7.9",
                standing=Standing.IN_FORCE,
                policy=_limits("UK"),
                own={
                    "notice_min_hours": "CONC 7.9.12R: adequate notice of date and likely time; 24 hours are the house's"
                },
                not_encoded=(
                    "a first visit that only agrees a time, if the customer prefers (7.9.13G): a person plans it",
                    "breathing space of 60 days: noted as the circumstance that collection is ceased",
                ),
            ),
            ShippedLimits(
                code="US",
                name="United States",
                source="Regulation F, 12 CFR 1006",
                standing=Standing.IN_FORCE,
                policy=_limits("US"),
                own={},
                not_encoded=(
                    "it has no chapter on visits; its presumption of convenient hours, 8:00 to 21:00, is wider than the house window",
                    "its counts of calls are limits of calls, not of visits",
                ),
            ),
            ShippedLimits(
                code="AU",
                name="Australia",
                source="ASIC and ACCC, RG 96 of 13 April 2021",
                standing=Standing.GUIDANCE,
                policy=_limits("AU", permission_first=True, workplace_until=time(17, 0)),
                own={
                    "visit_from": "face to face from 9:00 to 21:00; the house window ends at 20:00",
                    "workplace_from": "at a workplace from 9:00 to 17:00",
                    "workplace_until": "at a workplace from 9:00 to 17:00",
                    "permission_first": "permission is asked first; refused means no visit",
                    "holidays_off": "none on national holidays",
                },
                not_encoded=("home rather than work: a workplace needs the borrower's recorded consent everywhere",),
            ),
            ShippedLimits(
                code="IN",
                name="India",
                source="Reserve Bank of India, draft directions of 12 February 2026",
                standing=Standing.DRAFT,
                policy=_limits("IN", quiet_from=time(19, 0), visit_until=time(19, 0)),
                own={
                    "quiet_from": "contact from 8:00 to 19:00",
                    "quiet_until": "contact from 8:00 to 19:00",
                    "visit_until": "contact from 8:00 to 19:00: no instant of a visit at or after 19:00",
                },
                not_encoded=(
                    "none during bereavement, calamity, marriage or religious festivals: noted as circumstances, everywhere",
                    "the borrower's chosen place first, and home before work: a person chooses the address of an order",
                    "microfinance at home only after two missed meetings: no such product is known here",
                ),
            ),
        )
    }
)


def limits_of(*, jurisdiction: str, time_zone: str, own: Mapping[str, Any]) -> ConductPolicy:
    """
    Return the limits of a jurisdiction for addresses in `time_zone`, tightened by a tenant's `own` (times as "HH:MM").

    China has one official zone, whatever a territory's clock shows.

    :raises PolicyLoosened: if a value is looser than what ships.
    :raises TypeError: if a name is no limit.
    :raises ValueError: if the jurisdiction is unknown, a time cannot be read, or the limits contradict each other.
    """
    shipped = SHIPPED.get(jurisdiction)
    if shipped is None:
        raise ValueError(f"No conduct limits are shipped for {jurisdiction}. Choose one of: {', '.join(SHIPPED)}.")
    changes = {name: _as_limit(name, value) for name, value in own.items()}
    policy = tightened(shipped.policy, **changes) if changes else shipped.policy
    return policy if jurisdiction == CHINA else replace(policy, official_time_zone=time_zone)


def _as_limit(name: str, value: Any) -> Any:
    return (
        time.fromisoformat(value) if isinstance(value, str) and isinstance(getattr(HOUSE, name, None), time) else value
    )
