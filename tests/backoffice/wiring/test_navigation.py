"""The menu follows the loop and shows each role its own rooms."""

import pytest
from django.contrib import admin
from django.core.cache import cache

from backoffice.access.models import User
from backoffice.access.roles import CARDS, Role
from backoffice.wiring.navigation import MENU, address, menu
from reports.selectors.waiting import DESKS

pytestmark = pytest.mark.django_db
ROOMS = [room for _title, rooms in MENU for room in rooms]


@pytest.fixture(autouse=True)
def _no_old_badges():
    cache.clear()


def links(rf, user):
    request = rf.get("/admin/")
    request.user = user
    return [item["link"] for group in menu(request) for item in group["items"]]


def test_every_room_of_the_menu_exists():
    missing = [room.page for room in ROOMS if not address(page=room.page)]

    assert missing == []


def test_every_room_asks_for_a_permission_that_some_role_holds():
    held = frozenset().union(*(card.permissions for card in CARDS.values()))

    assert [room.page for room in ROOMS if room.permission and room.permission not in held] == []


def test_every_count_in_the_menu_belongs_to_a_desk():
    assert {room.desk for room in ROOMS if room.desk} <= {desk.name for desk in DESKS}


@pytest.mark.parametrize("role", [role for role in Role.values if role != Role.MACHINE])
def test_rooms_of_a_role_open_and_all_others_are_closed(client, rf, person, role):
    user = person(role)
    client.force_login(user)
    shown = links(rf, user)

    for room in ROOMS:
        page = address(page=room.page)
        if page:
            expected = 200 if page in shown else 403
            assert client.get(page).status_code == expected, (role, page)


def test_menu_shows_what_waits_beside_the_room(rf, person, at):
    from cases.models import Policy, PolicyVersion

    policy = Policy.objects.create(name="Default", created_at=at)
    PolicyVersion.objects.create(policy=policy, number=1, body={}, state="SUBMITTED", created_at=at, updated_at=at)
    request = rf.get("/admin/")
    request.user = person("APPROVER")

    items = {item["link"]: item["badge"] for group in menu(request) for item in group["items"]}

    assert items[address(page="cases_policyversion_changelist")] == "1"
    assert items[address(page="cases_decision_changelist")] == ""


def test_menu_costs_three_statements_and_none_while_it_is_fresh(rf, person, django_assert_num_queries):
    request = rf.get("/admin/")
    request.user = User.objects.get(pk=person("APPROVER").pk)

    # What waits, the territories of the person, and their codes, which exports name.
    with django_assert_num_queries(3):
        menu(request)
    with django_assert_num_queries(0):
        menu(request)


def test_every_registered_list_is_in_the_menu_or_said_to_be_elsewhere():
    elsewhere = {
        # Reached from the schedule that uses them, and from the user's page.
        "django_celery_beat_crontabschedule",
        "django_celery_beat_intervalschedule",
        "otp_totp_totpdevice",
    }
    listed = {room.page.removesuffix("_changelist") for room in ROOMS}
    registered = {f"{m._meta.app_label}_{m._meta.model_name}" for m in admin.site._registry}

    assert registered - listed - elsewhere == set()
