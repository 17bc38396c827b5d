"""The demo's agencies and crews, entered and confirmed by its people through the same services as in the admin."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from PIL import Image, ImageDraw

from backoffice.access.models import Territory, User
from visits.enums import CredentialKind, CrewState, FeeBasis, Screening
from visits.models import Agency, CrewMember
from visits.rules.agencies.registration import check_character
from visits.services.agencies import admission, credentials, crew, crew_papers, crew_standing, devices, price_cards

CREW_NAMES = ("赵一鸣", "钱晓雨", "孙立", "李婉清", "周建", "吴敏", "郑涛", "王静")
PAPERS = (
    (CredentialKind.BUSINESS_LICENCE, "示例市市场监督管理局"),
    (CredentialKind.LIABILITY_INSURANCE, "示例财产保险股份有限公司"),
    (CredentialKind.ISO_27001, "示例认证有限公司"),
)
FEE_PER_VISIT = Decimal("120.00")
CAPACITY = 200
# The agencies were admitted this many days before the demo begins; their contracts run on after it.
ADMITTED_BEFORE = timedelta(days=200)
CONTRACT_AFTER = timedelta(days=500)


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm:
    """One of the demo's agencies: its code and name, its number from 0, and its coordinator."""

    code: str
    name: str
    number: int
    coordinator: User


def admitted(*, firm: Firm, users: Mapping[str, User], territories: list[Territory], since: date) -> Agency:
    """Return the firm's agency; where it is missing, the dispatcher enters it and others confirm and admit it."""
    known: Agency | None = Agency.objects.filter(code=firm.code).first()
    if known is not None:
        return known
    day = since - ADMITTED_BEFORE
    at = datetime.combine(day, time(1), tzinfo=UTC)
    enters, confirms = users["dispatcher"], users["approver"]
    body = f"91310000MA1FL{firm.number + 1:04d}"
    agency = admission.enter_agency(
        details=admission.AgencyDetails(
            code=firm.code,
            name=firm.name,
            registration=body + check_character(body=body),
            complaints_phone=f"400-000-{firm.number + 1:04d}",
            contract_number=f"WW-{day:%Y}-{firm.number + 1:03d}",
            contract_starts_on=day,
            contract_ends_on=since + CONTRACT_AFTER,
            no_subcontract_promise_on=day,
            founded_on=day - timedelta(days=2000 + 300 * firm.number),
            registered_capital=Decimal(12_000_000 + 5_000_000 * firm.number),
            staff_count=45 + 20 * firm.number,
        ),
        actor=enters,
        at=at,
        business_date=day,
    )
    for territory in territories:
        admission.set_capacity(
            agency=agency, territory=territory, capacity=CAPACITY, actor=enters, at=at, business_date=day
        )
    for position, (kind, issuer) in enumerate(PAPERS):
        paper = credentials.enter_credential(
            agency=agency,
            details=credentials.CredentialDetails(
                kind=kind,
                number=f"{firm.code}-{position + 1:02d}-{day:%Y}",
                issuer=issuer,
                valid_from=day - timedelta(days=100),
                valid_until=since + CONTRACT_AFTER - timedelta(days=60 * position),
            ),
            actor=enters,
            at=at,
        )
        credentials.confirm_credential(credential=paper, actor=confirms, at=at, business_date=day)
    price = price_cards.enter_price(
        agency=agency,
        basis=FeeBasis.PER_VISIT,
        amount=FEE_PER_VISIT,
        valid_from=day,
        actor=enters,
        at=at,
        business_date=day,
    )
    price_cards.confirm_price(price=price, actor=confirms, at=at, business_date=day)
    admission.set_coordinators(agency=agency, coordinators=[firm.coordinator], actor=users["admin"], at=at)
    return admission.admit_agency(agency=agency, reason="", actor=users["risk"], at=at, business_date=day)


def crew_of(*, firm: Firm) -> Iterator[tuple[str, str]]:
    """Yield badge and name of each of the firm's crew."""
    for position in range(len(CREW_NAMES)):
        yield f"{firm.code}-{position + 1:03d}", CREW_NAMES[(position + firm.number * 3) % len(CREW_NAMES)]


def confirmed_crew(
    *, firm: Firm, agency: Agency, users: Mapping[str, User], logins: Mapping[str, User], at: datetime
) -> tuple[CrewMember, ...]:
    """Return the firm's crew; who is missing is entered by its coordinator and confirmed by the lender's dispatcher."""
    members = []
    for position, (badge, name) in enumerate(crew_of(firm=firm)):
        known = CrewMember.objects.filter(external_ref=badge).first()
        if known is None:
            known = _enter(firm, agency, badge, name, position, at)
        if known.state == CrewState.ENTERED and not crew.confirmation_gaps(member=known):
            known = crew.confirm_member(member=known, actor=users["dispatcher"], at=at)
        if known.user_id is None:
            known = crew_standing.link_login(
                member=known, username=logins[badge].username, actor=users["dispatcher"], at=at
            )
        members.append(known)
    return tuple(members)


def _enter(firm: Firm, agency: Agency, badge: str, name: str, position: int, at: datetime) -> CrewMember:
    day = at.date()
    member = crew.enter_member(
        agency=agency,
        details=crew.MemberDetails(
            badge=badge,
            name=name,
            sex=CrewMember.Sex.FEMALE if position % 2 else CrewMember.Sex.MALE,
            screened_on=day - timedelta(days=150),
            screening=Screening.CLEAR,
            confidentiality_signed_on=day - timedelta(days=150),
            exam_passed_on=day - timedelta(days=165),
        ),
        photo=_portrait(firm.number * len(CREW_NAMES) + position),
        actor=firm.coordinator,
        at=at,
        business_date=day,
    )
    crew_papers.add_certificate(
        member=member,
        kind="上门核实上岗证",
        number=f"SG{firm.number + 1:02d}{position:04d}",
        valid_until=day + timedelta(days=300),
        actor=firm.coordinator,
        at=at,
        business_date=day,
    )
    devices.register_device(member=member, label="Android 14", device_ref=f"{badge}-D1", actor=firm.coordinator, at=at)
    return member


def _portrait(number: int) -> bytes:
    """Return a drawn head and shoulders, of nobody, in colours of its own."""
    picture = Image.new("RGB", (320, 400), (214, 222, 230))
    brush = ImageDraw.Draw(picture)
    shirt = (40 + number * 23 % 120, 60 + number * 41 % 110, 90 + number * 17 % 120)
    brush.ellipse((40, 270, 280, 560), fill=shirt)
    brush.ellipse((100, 90, 220, 260), fill=(235, 200 - number % 40, 170 - number % 30))
    brush.pieslice((92, 70, 228, 230), 180, 360, fill=(40, 30, 25 + number % 20))
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
