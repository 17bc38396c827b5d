"""Stand-ins on their pages: entered by an approver, seen on the home page of who stands in, ended by a button."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import translation

from backoffice.access.models import StandIn
from tests.factories.requests import signed_in


@pytest.fixture(autouse=True)
def _clock(time_machine: Any, at: Any) -> None:
    time_machine.move_to(at, tick=False)


@pytest.fixture
def colleague(person: Any, chengdu: Any) -> Any:
    return person("APPROVER", name="colleague", territories=[chengdu])


def given(today: Any, **more: Any) -> dict[str, Any]:
    return {"starts_on": today, "ends_on": today + timedelta(days=6), "reason": "leave", **more}


def test_an_approver_enters_a_stand_in_who_sees_it_at_home_and_ends_it(approver, colleague, today):
    client = signed_in(approver)
    address = reverse("admin:access_standin_changelist")
    door = reverse("admin:access_standin_enter")
    assert door in client.get(address).content.decode()
    asked = client.get(door).content.decode()
    assert ("colleague" in asked, 'name="person"' in asked) == (True, False)

    answer = client.post(door, given(today, stand_in=colleague.pk))

    entry = StandIn.objects.get()
    assert answer["Location"] == reverse("admin:access_standin_change", args=[entry.pk])
    page = client.get(answer["Location"]).content.decode()
    assert "leave" in page
    with translation.override("en"):
        home = signed_in(colleague).get(reverse("admin:index"), headers={"accept-language": "en"}).content.decode()
    assert "You stand in for approver until" in home
    ended = signed_in(colleague).post(
        reverse("admin:access_standin_end", args=[entry.pk]), {"_form_submitted": "on"}, follow=True
    )
    assert ended.status_code == 200
    entry.refresh_from_db()
    assert entry.ended_by == colleague
    assert "You stand in for" not in signed_in(colleague).get(reverse("admin:index")).content.decode()


def test_a_refusal_stands_at_its_field(approver, colleague, today):
    answer = signed_in(approver).post(
        reverse("admin:access_standin_enter"), given(today, stand_in=colleague.pk, ends_on=today - timedelta(days=1))
    )

    assert (answer.status_code, StandIn.objects.count()) == (200, 0)
    assert answer.context["form"].errors.keys() == {"ends_on"}


def test_an_administrator_names_who_is_away(administrator, approver, colleague, today):
    answer = signed_in(administrator).post(
        reverse("admin:access_standin_enter"), given(today, person=approver.pk, stand_in=colleague.pk)
    )

    assert answer.status_code == 302
    assert StandIn.objects.get().person == approver


@pytest.mark.parametrize("role", ["CASE_OFFICER", "RISK_MANAGER", "AGENCY_COORDINATOR"])
def test_other_roles_enter_none(person, role):
    assert signed_in(person(role)).get(reverse("admin:access_standin_enter")).status_code == 403


def test_the_auditor_reads_all(auditor, approver, colleague, today):
    signed_in(approver).post(reverse("admin:access_standin_enter"), given(today, stand_in=colleague.pk))

    client = signed_in(auditor)
    assert "colleague" in client.get(reverse("admin:access_standin_changelist")).content.decode()
    assert client.get(reverse("admin:access_standin_enter")).status_code == 403
