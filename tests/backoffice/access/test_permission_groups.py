"""The groups of permissions that several roles share."""

import pytest
from django.apps import apps

from backoffice.access import permission_groups
from backoffice.access.permission_groups import view

# What they let people see.
GROUPS = (
    "PORTFOLIO",
    "POLICY",
    "CASEWORK",
    "DOORSTEP",
    "PLANNING",
    "FIRMS",
    "STATEMENTS",
    "INTAKE",
    "PROFILES",
    "REPORTS",
    "TRAIL",
    "TRUST",
)
# What they let people do.
WORK = (
    "PRICES",
    "CREW_ENTRY",
    "FIRM_ENTRY",
    "FIRM_CONFIRMATION",
    "AGENCY_PROGRAM",
    "AGREEMENTS",
    "CONTACT_WORK",
    "LEGAL_WORK",
)
# Both in one.
PAGES_WITH_WORK = ("STAND_INS", "SCHEDULES", "OWN_VISITS", "REVIEWING")
# A page of figures, which is no record.
PAGES = {"reports.view_effectiveness"}


def test_view_names_the_permission_to_see_each_record():
    assert view("cases", "case", "account") == {"cases.view_case", "cases.view_account"}
    assert view("cases") == set()


def test_every_group_is_listed_here():
    assert {name for name in vars(permission_groups) if name.isupper()} == {*GROUPS, *WORK, *PAGES_WITH_WORK}


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_holds_permissions_to_see_records_that_exist(group):
    missing = []
    for permission in getattr(permission_groups, group) - PAGES:
        app, _dot, name = permission.partition(".")
        if not name.startswith("view_") or name.removeprefix("view_") not in apps.all_models[app]:
            missing.append(permission)

    assert missing == []


@pytest.mark.parametrize("group", WORK)
def test_a_group_of_work_lets_nobody_see_a_record(group):
    assert [each for each in getattr(permission_groups, group) if ".view_" in each] == []
