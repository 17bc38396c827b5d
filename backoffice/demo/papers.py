"""What simulated crews read from papers: of test identities, with numbers that add up and days around the visit."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from backoffice.core.canonical.identity_numbers import read_identity_number
from backoffice.demo.applications import EMPLOYER, LIVING, RENT, wage_of
from visits.enums import DocumentKind
from visits.rules.report.documents import VIN_VALUES, VIN_WEIGHTS
from visits.rules.report.paper_kinds import CARD_YEARS


def fields_of(*, kind: DocumentKind, borrower: Any, address: Any, on: date, has_wages: bool = True) -> dict[str, Any]:
    """Return the fields of a paper of `kind` that the borrower shows at `address` on the day `on`."""
    person = {"name": borrower.name, "id_number": borrower.id_number}
    wage = wage_of(borrower_ref=borrower.external_ref)
    match kind:
        case DocumentKind.IDENTITY_CARD:
            return person | _validity(str(borrower.id_number), on)
        case DocumentKind.HOUSEHOLD_REGISTER:
            return person | {"register_number": f"{borrower.pk:09d}", "relation_to_head": "户主"}
        case DocumentKind.SOCIAL_SECURITY:
            return person | {"employer": EMPLOYER, "months": _months_before(on, 12), "base": f"{wage:.2f}"}
        case DocumentKind.HOUSING_FUND:
            deposit = {"ratio_percent": "7", "deposit": f"{wage * 14 / 100:.2f}", "account_state": "NORMAL"}
            return person | {"months": _months_before(on, 12), "base": f"{wage:.2f}"} | deposit
        case DocumentKind.INCOME_PROOF:
            return {
                "name": borrower.name,
                "employer": EMPLOYER,
                "monthly_income": f"{wage:.2f}",
                "gross": f"{wage + 1200:.2f}",
                "deductions": "1200.00",
                "issued_on": (on - timedelta(days=9)).isoformat(),
            }
        case DocumentKind.BANK_STATEMENT:
            return {"name": borrower.name} | _flow(wage if has_wages else Decimal(0), on)
        case DocumentKind.LEASE:
            return {
                "address": address.line,
                "landlord_name": "王房东",
                "tenant_name": borrower.name,
                "starts_on": (on - timedelta(days=300)).isoformat(),
                "ends_on": (on + timedelta(days=64)).isoformat(),
                "monthly_rent": str(RENT),
            }
        case DocumentKind.UTILITY_BILL:
            return {
                "address": address.line,
                "period_start": (on - timedelta(days=51)).isoformat(),
                "period_end": (on - timedelta(days=21)).isoformat(),
                "amount": "186.40",
            }
        case DocumentKind.PROPERTY_DEED:
            number = f"沪(2019)浦东新区不动产权第{borrower.pk:07d}号"
            return {"number": number, "owner_name": borrower.name, "encumbrance": "NONE"}
        case DocumentKind.VEHICLE_REGISTRATION:
            return {
                "plate": f"沪A{borrower.pk % 100_000:05d}",
                "vin": _vin(borrower.pk),
                "owner_name": borrower.name,
                "inspected_until": (on + timedelta(days=200)).isoformat(),
            }
        case DocumentKind.HARDSHIP_PROOF:
            issued = (on - timedelta(days=40)).isoformat()
            return {"type": "UNEMPLOYMENT", "name": borrower.name, "issued_on": issued}
    return {}


def with_contradiction(*, fields: dict[str, Any], kind: DocumentKind, borrower: Any) -> dict[str, Any]:
    """Return the fields of a paper, of three borrowers in nine with one value that their other sources contradict."""
    match borrower.pk % 9, kind:
        case 4, DocumentKind.INCOME_PROOF:
            income = Decimal(fields["monthly_income"]) * 3
            return fields | {"monthly_income": f"{income:.2f}", "gross": f"{income + 1200:.2f}"}
        case 5, DocumentKind.UTILITY_BILL | DocumentKind.LEASE:
            return fields | {"address": "上海市徐汇区示例路99号2幢1801室"}
        case 6, DocumentKind.SOCIAL_SECURITY:
            return fields | {"employer": "样本物流有限公司"}
    return fields


def _validity(number: str, on: date) -> dict[str, str]:
    """Return when a card was issued and how long it counts, by the holder's age."""
    begins = (on - timedelta(days=3 * 365)).replace(day=1)
    born_on = read_identity_number(number=number, on=on).born_on
    age = 0 if born_on is None else begins.year - born_on.year - ((begins.month, 1) < (born_on.month, born_on.day))
    years = next((years for below, years in CARD_YEARS if age < below), None)
    ends = {} if years is None else {"valid_until": begins.replace(year=begins.year + years).isoformat()}
    return {"valid_from": begins.isoformat()} | ends


def _months_before(on: date, count: int) -> list[str]:
    last = on.year * 12 + on.month - 2
    return [f"{index // 12}-{index % 12 + 1:02d}" for index in range(last - count + 1, last + 1)]


def _flow(wage: Decimal, on: date) -> dict[str, Any]:
    """Return three months of a bank statement whose balances add up; a wage of 0 is none."""
    ends = on - timedelta(days=2)
    flow = [amount for _month in range(3) for amount in (wage, -RENT, -LIVING) if amount]
    return {
        "period_start": (ends - timedelta(days=91)).isoformat(),
        "period_end": ends.isoformat(),
        "opening": "820.15",
        "amounts": [f"{amount:.2f}" for amount in flow],
        "wages": [f"{wage:.2f}"] * 3 if wage else [],
        "closing": f"{Decimal('820.15') + sum(flow, Decimal(0)):.2f}",
    }


def _vin(number: int) -> str:
    """Return a vehicle number of nobody's vehicle whose check digit fits."""
    body = f"LSVAA4180{number % 10**8:08d}"
    total = sum(VIN_VALUES[character] * weight for character, weight in zip(body, VIN_WEIGHTS, strict=True))
    return body[:8] + "0123456789X"[total % 11] + body[9:]
