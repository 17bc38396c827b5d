"""The people of the demo: one login for each role, and agencies with crews. A second start reuses them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.contrib.auth.hashers import make_password

from backoffice.access.models import Territory, User
from backoffice.access.roles import Role
from visits.enums import AgencyState, FeeBasis
from visits.models import Agency, AgencyTerritory, CrewCertificate, CrewMember, PriceCard

PASSWORD = "open-the-door-2026"  # noqa: S105 - printed on purpose: the demo's people belong to nobody

DESK = {
    "risk": (Role.RISK_MANAGER, "何风控", False),
    "approver": (Role.APPROVER, "沈审批", True),
    "approver2": (Role.APPROVER, "陆复核", True),
    "officer": (Role.CASE_OFFICER, "李专员", False),
    "officer2": (Role.CASE_OFFICER, "周专员", False),
    "dispatcher": (Role.DISPATCHER, "吴调度", False),
    "reviewer": (Role.REVIEWER, "郑质检", False),
    "auditor": (Role.AUDITOR, "冯审计", False),
    "admin": (Role.ADMINISTRATOR, "卫管理", False),
}
AGENCIES = (
    ("SJ", "示例守矩信用服务有限公司", "agency"),
    ("HX", "示例恒信核实有限公司", "agency2"),
    ("MD", "示例明达外访有限公司", "agency3"),
)
CREW_NAMES = ("赵一鸣", "钱晓雨", "孙立", "李婉清", "周建", "吴敏", "郑涛", "王静")
FEE_PER_VISIT = "120.00"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The demo's users, agencies and crews."""

    users: dict[str, User]
    agencies: tuple[Agency, ...]
    crews: dict[int, tuple[CrewMember, ...]]


def hire(*, territories: list[Territory], since: date, at: datetime) -> Cast:
    """Create the demo's users, agencies and crews where they are missing, and return them."""
    users = {name: _user(name, role, shown, everywhere) for name, (role, shown, everywhere) in DESK.items()}
    for name in ("officer", "officer2", "dispatcher", "reviewer", "approver", "approver2"):
        users[name].territories.set(territories)
    agencies, crews = [], {}
    for number, (code, shown, login) in enumerate(AGENCIES):
        agency = _agency(code, shown, since, at)
        users[login] = _user(login, Role.AGENCY_COORDINATOR, f"{shown[2:4]}协调员", False)
        agency.coordinators.set([users[login]])
        for territory in territories:
            AgencyTerritory.objects.get_or_create(agency=agency, territory=territory, defaults={"capacity": 200})
        crews[agency.pk] = _crew(agency, number, users, at)
        agencies.append(agency)
    return Cast(users=users, agencies=tuple(agencies), crews=crews)


def _user(name: str, role: Role, shown: str, everywhere: bool) -> User:
    user: User | None = User.objects.filter(username=name).first()
    if user is None:
        user = User(username=name, role=role, display_name=shown, all_territories=everywhere, password=_hashed())
        user.save()
    return user


@cache
def _hashed() -> str:
    """Return the hash of the demo's password, computed once: forty slow hashes would take ten seconds."""
    return make_password(PASSWORD)


def _agency(code: str, name: str, since: date, at: datetime) -> Agency:
    agency, _made = Agency.objects.get_or_create(
        code=code,
        defaults={
            "name": name,
            "registration": "91310000MA1FL0000X",
            "state": AgencyState.ACTIVE,
            "complaints_phone": "400-000-0001",
            "admitted_on": since - timedelta(days=200),
            "contract_ends_on": since + timedelta(days=500),
            "no_subcontract_promise_on": since - timedelta(days=200),
            "created_at": at,
            "updated_at": at,
        },
    )
    PriceCard.objects.get_or_create(
        agency=agency,
        basis=FeeBasis.PER_VISIT,
        defaults={"amount": FEE_PER_VISIT, "valid_from": since - timedelta(days=200)},
    )
    return agency


def _crew(agency: Agency, number: int, users: dict[str, User], at: datetime) -> tuple[CrewMember, ...]:
    members = []
    day = at.date()
    for position in range(len(CREW_NAMES)):
        badge = f"{agency.code}-{position + 1:03d}"
        member, made = CrewMember.objects.get_or_create(
            external_ref=badge,
            defaults={
                "agency": agency,
                "name": CREW_NAMES[(position + number * 3) % len(CREW_NAMES)],
                "sex": CrewMember.Sex.FEMALE if position % 2 else CrewMember.Sex.MALE,
                "screened_on": day - timedelta(days=150),
                "confidentiality_signed_on": day - timedelta(days=150),
                "trained_until": day + timedelta(days=200),
                "created_at": at,
            },
        )
        if made:
            CrewCertificate.objects.create(
                member=member,
                kind="上门核实上岗证",
                number=f"SG{agency.pk:02d}{position:04d}",
                valid_until=day + timedelta(days=300),
            )
            login = "crew" if number == 0 and position == 0 else f"crew-{badge.lower()}"
            user = _user(login, Role.CREW, member.name, False)
            users[login] = user
            member.user = user
            member.save(update_fields=["user"])
        members.append(member)
    return tuple(members)
