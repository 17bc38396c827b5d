"""Agencies and crew members as staff enter them, one step before they count."""

import io
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from PIL import Image

from tests.factories.visits import AT, TODAY
from visits.models import Agency, AgencyCredential, CrewMember
from visits.services.agencies import admission, credentials, crew, crew_papers

CODE = "9144030071526726XG"
REQUIRED = ("BUSINESS_LICENCE", "LIABILITY_INSURANCE", "ISO_27001")
_numbers = count(1)


def agency_details(**fields: Any) -> admission.AgencyDetails:
    """Return the details of an agency that may be admitted."""
    sound = admission.AgencyDetails(
        code=f"NEW{next(_numbers)}",
        name="申城外访",
        registration=CODE,
        complaints_phone="021-12345678",
        contract_number="WW-2026-1",
        contract_starts_on=TODAY,
        contract_ends_on=date(2027, 2, 28),
        no_subcontract_promise_on=TODAY,
        founded_on=date(2020, 1, 1),
        registered_capital=Decimal("10000000.00"),
        staff_count=30,
    )
    return replace(sound, **fields)


def credential_details(**fields: Any) -> credentials.CredentialDetails:
    """Return the details of a business licence that is valid for a year."""
    sound = credentials.CredentialDetails(
        kind="BUSINESS_LICENCE",
        number="L-1",
        issuer="市场监督管理局",
        valid_from=TODAY,
        valid_until=TODAY + timedelta(days=365),
    )
    return replace(sound, **fields)


def entered(agency: Agency, *, actor: Any, content: bytes | None = None, **fields: Any) -> AgencyCredential:
    """Enter a paper of the agency at AT."""
    return credentials.enter_credential(
        agency=agency, details=credential_details(**fields), content=content, actor=actor, at=AT
    )


def applicant(*, territory: Any, clerk: Any, confirmer: Any, **fields: Any) -> Agency:
    """Enter an agency that lacks nothing to be admitted: papers confirmed, room in the territory."""
    agency = admission.enter_agency(details=agency_details(**fields), actor=clerk, at=AT, business_date=TODAY)
    admission.set_capacity(agency=agency, territory=territory, capacity=10, actor=clerk, at=AT, business_date=TODAY)
    for kind in REQUIRED:
        paper = entered(agency, actor=clerk, kind=kind)
        credentials.confirm_credential(credential=paper, actor=confirmer, at=AT, business_date=TODAY)
    return agency


def member_details(**fields: Any) -> crew.MemberDetails:
    """Return the details of a crew member who may be confirmed."""
    sound = crew.MemberDetails(
        badge=f"SC-N{next(_numbers):03d}",
        name="王小明",
        sex="MALE",
        screened_on=TODAY - timedelta(days=30),
        screening="CLEAR",
        confidentiality_signed_on=TODAY - timedelta(days=30),
        exam_passed_on=TODAY - timedelta(days=20),
    )
    return replace(sound, **fields)


def picture(seed: int = 0) -> bytes:
    """Return a small PNG of one colour."""
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80), (seed % 256, 90, 120)).save(buffer, "PNG")
    return buffer.getvalue()


def entered_member(agency: Agency, *, actor: Any, **fields: Any) -> CrewMember:
    """Enter a member with photograph and certificate, who awaits confirmation."""
    member = crew.enter_member(
        agency=agency, details=member_details(**fields), photo=picture(), actor=actor, at=AT, business_date=TODAY
    )
    crew_papers.add_certificate(
        member=member,
        kind="上岗证",
        number="C-1",
        valid_until=TODAY + timedelta(days=365),
        actor=actor,
        at=AT,
        business_date=TODAY,
    )
    member.refresh_from_db()
    return member
