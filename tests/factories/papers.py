"""Papers of the borrower of `make_borrower`, in order on 4 March 2026, and rows of papers in a report."""

from typing import Any
from uuid import uuid4

from visits.models import DocumentSeen, ReportSection
from visits.rules.report.paper_values import read_fields, text_of

# Stated of the borrower by `make_borrower`; nobody has this number.
NAME, ID_NUMBER = "张小三", "99999919850101123X"
WHO = {"name": NAME, "id_number": ID_NUMBER}
DOOR = "上海市黄浦区示范路8号301室"
MONTHS = ["2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"]
PAPERS: dict[str, dict[str, Any]] = {
    "IDENTITY_CARD": WHO | {"valid_from": "2020-05-06", "valid_until": "2040-05-06"},
    "HOUSEHOLD_REGISTER": WHO | {"register_number": "000123456", "relation_to_head": "户主"},
    "MARRIAGE_CERTIFICATE": WHO
    | {
        "number": "J310101-2015-000123",
        "spouse_name": "李小四",
        "spouse_id_number": "999999200002290027",
        "issued_on": "2015-06-01",
    },
    "RESIDENCE_PERMIT": WHO | {"address": DOOR, "endorsed_until": "2026-09-30"},
    "PROPERTY_DEED": {
        "number": "沪(2019)浦东新区不动产权第0012345号",
        "unit_number": "310115001001GB00001F00010001",
        "owner_name": NAME,
        "encumbrance": "NONE",
    },
    "VEHICLE_REGISTRATION": {
        "plate": "沪A12345",
        "vin": "1HGCM82633A004352",
        "owner_name": NAME,
        "inspected_until": "2026-10-31",
    },
    "SOCIAL_SECURITY": WHO | {"employer": "示例制造有限公司", "months": MONTHS, "base": "8000.00"},
    "HOUSING_FUND": WHO
    | {
        "employer": "示例制造有限公司",
        "months": MONTHS,
        "base": "8000.00",
        "ratio_percent": "7",
        "deposit": "1120.00",
        "account_state": "NORMAL",
    },
    "UTILITY_BILL": {
        "address": DOOR,
        "period_start": "2026-01-10",
        "period_end": "2026-02-10",
        "amount": "186.40",
    },
    "LEASE": {
        "address": DOOR,
        "landlord_name": "王房东",
        "tenant_name": NAME,
        "starts_on": "2025-07-01",
        "ends_on": "2026-06-30",
        "monthly_rent": "3200.00",
    },
    "INCOME_PROOF": {
        "name": NAME,
        "employer": "示例制造有限公司",
        "monthly_income": "8000.00",
        "gross": "9200.00",
        "deductions": "1200.00",
        "issued_on": "2026-02-20",
    },
    "BANK_STATEMENT": {
        "name": NAME,
        "period_start": "2025-12-01",
        "period_end": "2026-02-28",
        "opening": "820.15",
        "amounts": ["8000.00", "-3200.00"] * 3,
        "wages": ["8000.00"] * 3,
        "closing": "15220.15",
    },
    "HARDSHIP_PROOF": {"type": "UNEMPLOYMENT", "name": NAME, "issued_on": "2026-01-15"},
}


def fields_of(kind: str, **changes: Any) -> dict[str, Any]:
    """Return the fields of a paper that is in order, with `changes`; None takes a field away."""
    return {name: value for name, value in (PAPERS[kind] | changes).items() if value is not None}


def values_of(kind: str, **changes: Any) -> dict[str, Any]:
    """Return the same as values of their types."""
    read = read_fields(kind=kind, given=fields_of(kind, **changes))
    assert not read.problems, dict(read.problems)
    return dict(read.values)


def make_paper(*, section: ReportSection, kind: str, verdict: str = "CONSISTENT", **changes: Any) -> DocumentSeen:
    """Make a paper of a section that is in order, with `changes`."""
    return DocumentSeen.objects.create(
        section=section,
        kind=kind,
        verdict=verdict,
        fields_ref=uuid4(),
        fields=text_of(values=values_of(kind, **changes)),
    )
