"""The people of the demo: one login for each role, and agencies with crews. A second start reuses them."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from django.contrib.auth.hashers import make_password

from backoffice.access.models import Territory, User
from backoffice.access.roles import Role
from backoffice.demo.firms import Firm, admitted, confirmed_crew, crew_of
from visits.models import Agency, CrewMember

PASSWORD = "open-the-door-2026"  # noqa: S105 - printed on purpose: the demo's people belong to nobody

DESK = {
    "risk": (Role.RISK_MANAGER, "何风控", False),
    "approver": (Role.APPROVER, "沈审批", True),
    "approver2": (Role.APPROVER, "陆复核", True),
    "officer": (Role.CASE_OFFICER, "李专员", False),
    "officer2": (Role.CASE_OFFICER, "周专员", False),
    "dispatcher": (Role.DISPATCHER, "吴调度", False),
    "reviewer": (Role.REVIEWER, "郑质检", False),
    "reviewer2": (Role.REVIEWER, "孙质检", False),
    "auditor": (Role.AUDITOR, "冯审计", False),
    "admin": (Role.ADMINISTRATOR, "卫管理", False),
}
AGENCIES = (
    ("SJ", "示例守矩信用服务有限公司", "agency"),
    ("HX", "示例恒信核实有限公司", "agency2"),
    ("MD", "示例明达外访有限公司", "agency3"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The demo's users, agencies and crews."""

    users: dict[str, User]
    agencies: tuple[Agency, ...]
    crews: dict[int, tuple[CrewMember, ...]]


def hire(*, territories: list[Territory], since: date, at: datetime) -> Cast:
    """Create the demo's users, agencies and crews where they are missing, and return them."""
    users = {name: _user(name, role, shown, everywhere) for name, (role, shown, everywhere) in DESK.items()}
    for name in ("officer", "officer2", "dispatcher", "reviewer", "reviewer2", "approver", "approver2"):
        users[name].territories.set(territories)
    agencies, crews = [], {}
    for number, (code, shown, login) in enumerate(AGENCIES):
        users[login] = _user(login, Role.AGENCY_COORDINATOR, f"{shown[2:4]}协调员", False)
        firm = Firm(code=code, name=shown, number=number, coordinator=users[login])
        agency = admitted(firm=firm, users=users, territories=territories, since=since)
        logins = {badge: _crew_login(number, badge, name) for badge, name in crew_of(firm=firm)}
        users |= {user.username: user for user in logins.values()}
        crews[agency.pk] = confirmed_crew(firm=firm, agency=agency, users=users, logins=logins, at=at)
        agencies.append(agency)
    return Cast(users=users, agencies=tuple(agencies), crews=crews)


def _user(name: str, role: Role, shown: str, everywhere: bool) -> User:
    user: User | None = User.objects.filter(username=name).first()
    if user is None:
        user = User(username=name, role=role, display_name=shown, all_territories=everywhere, password=_hashed())
        user.save()
    return user


def _crew_login(number: int, badge: str, name: str) -> User:
    first = number == 0 and badge.endswith("-001")
    return _user("crew" if first else f"crew-{badge.lower()}", Role.CREW, name, False)


@cache
def _hashed() -> str:
    """Return the hash of the demo's password, computed once: forty slow hashes would take ten seconds."""
    return make_password(PASSWORD)
