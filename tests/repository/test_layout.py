"""The layout that docs/architecture.md describes: file names and sizes, scoped admins, addresses that refuse strangers."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, get_resolver

import backoffice.wiring.urls  # noqa: F401 - registers what the packages bring, on our base
from backoffice.access.roles import CARDS
from backoffice.core.pages.admin import ScopedAdmin

ROOT = Path(settings.BASE_DIR)
FLOORS = ("backoffice", "cases", "visits", "reports")
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "managers", "manager", "common", "misc", "mixins", "signals"}
LONGEST = 300
# Tables that the formatter would spread over several times their length: features only.
MOST_FORMATTER_SKIPS = 10
# Files that are longer, each with the reason.
LONG_FILES = {
    "backoffice/embedded/postgres.py": "one server from its files to its end",
    "backoffice/settings.py": "one file of settings, read from top to bottom",
    "cases/enums.py": "the words of a floor on one page",
    "visits/enums.py": "the words of a floor on one page",
}
# Buttons with a form page of their own instead of a dialog: GET shows the form and changes nothing.
FORM_PAGES = {
    "access.standin.enter",
    "cases.case.desk_check",
    "cases.case.propose_plan",
    "cases.case.propose_waiver",
    "cases.concessionbudget.set",
    "cases.evaluationrun.catch-up",
    "cases.evaluationrun.start",
    "cases.holidaynotice.enter",
    "cases.intakefile.take-in",
    "cases.intakefile.take_rejects",
    "cases.intakeprofile.make",
    "cases.intakeprofile.set",
    "cases.intakeprofile.text",
    "cases.policytrial.try",
    "cases.policyversion.compare",
    "cases.policyversion.replay",
    "cases.policyversion.draft",
    "cases.policyversion.inspect",
    "cases.policyversion.revise",
    "cases.policyversion.submit",
    "cases.shadowrun.begin",
    "cases.strategyupgrade.raise",
    "reports.experimentarm.draw",
    "visits.agency.edit",
    "visits.agency.coordinators",
    "visits.agency.enter",
    "visits.agency.paper",
    "visits.crewmember.edit",
    "visits.crewmember.enter",
    "reports.exportjob.request",
    "reports.legalbundle.request",
    "visits.agencystatement.build",
}
# Addresses that answer without a sign-in, each with the reason.
PUBLIC = {
    "/healthz": "a probe",
    "/readyz": "a probe; names no address",
    "/metrics": "guards itself: this machine, or the token",
    "/i18n/setlang/": "the language, also before sign-in",
    "/admin/login/": "the sign-in itself",
    "/o/token/": "client id and secret are the sign-in",
    "/o/revoke_token/": "client id and secret are the sign-in",
    "/field/sw.js": "the service worker of the crew's page; a list of files",
    "/field/manifest.webmanifest": "name and icons of the crew's page",
    "/agencies/": "the published list of agencies; names nobody",
    "/v/": "the page behind a letter's QR code; unguessable codes, names nobody",
}
OURS = [model for model in apps.get_models() if model.__module__.split(".")[0] in FLOORS]


def sources() -> Iterator[Path]:
    for floor in FLOORS:
        for path in sorted((ROOT / floor).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_file_is_a_drawer_for_odds_and_ends():
    assert [named(path) for path in sources() if path.stem in FORBIDDEN_NAMES] == []
    assert [named(path) for path in sources() if FORBIDDEN_NAMES & set(path.relative_to(ROOT).parts[:-1])] == []


def test_no_file_is_longer_than_a_subject():
    long = {named(path) for path in sources() if len(path.read_text().splitlines()) > LONGEST}

    assert long - set(LONG_FILES) == set()
    # An entry of a file that is short again, or gone, must go too.
    assert set(LONG_FILES) - long == set()


def test_the_formatter_is_on():
    tests = [path for path in sorted((ROOT / "tests").rglob("*.py")) if "node_modules" not in path.parts]
    everything = [*sources(), *tests]
    skips = sum(len(re.findall(r"# fmt: (?:skip|off)$", path.read_text(), re.MULTILINE)) for path in everything)

    assert skips <= MOST_FORMATTER_SKIPS


def test_every_file_says_what_it_is():
    silent = [
        named(path)
        for path in sources()
        if path.read_text().strip()
        and ast.get_docstring(ast.parse(path.read_text())) is None
        and path.name not in ("__init__.py", "apps.py", "wsgi.py", "asgi.py")
    ]

    assert silent == []


def test_no_model_orders_itself_or_overrides_save():
    ordered = [model.__name__ for model in OURS if model._meta.ordering]
    saving = [model.__name__ for model in OURS if {"save", "delete"} & set(vars(model))]

    assert (ordered, saving) == ([], [])


def test_no_code_listens_to_signals():
    word = re.compile(r"django\.db\.models\.signals|django\.dispatch|@receiver|\.connect\(receiver")

    assert [named(path) for path in sources() if word.search(path.read_text())] == []


def test_every_model_of_ours_says_who_may_see_its_rows():
    # AuditHead is one row that no list shows.
    unscoped = [m.__name__ for m in OURS if not m._meta.proxy and not hasattr(m._default_manager, "visible_to")]

    assert set(unscoped) <= {"AuditHead"}


@pytest.mark.parametrize("registered", sorted(admin.site._registry.values(), key=str), ids=str)
def test_every_admin_is_scoped_and_every_button_asks_first(registered: Any):
    known = frozenset().union(*(card.permissions for card in CARDS.values()))
    buttons = [
        *registered._get_base_actions_list(),
        *registered._get_base_actions_detail(),
        *registered._get_base_actions_row(),
    ]

    assert isinstance(registered, ScopedAdmin)
    # Unfold runs a button without a dialog on GET.
    label = registered.model._meta.label_lower
    assert {f"{label}.{button.path}" for button in buttons if not button.dialog} <= FORM_PAGES
    assert [
        permission
        for button in buttons
        for permission in getattr(button.method, "allowed_permissions", ["a button without a permission"])
        if permission not in known
    ] == []
    # Django runs a list's actions on POST; each must name who may.
    for name in registered.actions or ():
        assert getattr(registered, name).allowed_permissions, name


def addresses(resolver: URLResolver, prefix: str = "/") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        part = str(pattern.pattern)
        part = re.sub(r"\(\?P<[^>]+>[^)]*\)", "1", part)
        part = re.sub(r"<[^>]+>", "1", part).removeprefix("^").replace("\\Z", "").replace("\\.", ".")
        part = part.rstrip("$").replace("/?", "/")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, prefix + part)
        elif isinstance(pattern, URLPattern):
            yield prefix + part


ADDRESSES = sorted(set(addresses(get_resolver())))


def test_the_walk_over_the_addresses_sees_the_house():
    assert {"/healthz", "/admin/login/", "/admin/access/user/", "/admin/reports/effectiveness/"} <= set(ADDRESSES)
    assert len(ADDRESSES) > 100


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", [a for a in ADDRESSES if not any(a == p or (p == "/v/" and a.startswith(p)) for p in PUBLIC)]
)
def test_every_address_refuses_a_stranger_unless_it_is_listed(client, address):
    for method in ("get", "post", "put", "patch", "delete"):
        answer = getattr(client, method)(address, **({} if method == "get" else {"content_type": "application/json"}))

        to_sign_in = answer.status_code == 302 and "/admin/login/" in answer.url
        home = answer.status_code == 302 and answer.url == "/admin/"
        # 415: doors that take files only check the content type before they authenticate.
        assert to_sign_in or home or answer.status_code in (401, 403, 405, 415), (method, address, answer.status_code)
