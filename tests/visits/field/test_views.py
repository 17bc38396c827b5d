"""The crew's page: who sees it, the key of a telephone, and the address of a visit in clear."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from backoffice.audit.models import AccessEntry
from tests.factories.requests import signed_in
from tests.factories.visits import make_agency, make_coordinator, make_member, make_order

pytestmark = pytest.mark.django_db

SALT = base64.b64encode(bytes(16)).decode()


@pytest.fixture
def order(case: Any, placement: Any, pair: Any, approver: Any) -> Any:
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


def ask_key(client: Client, **body: Any) -> Any:
    return client.post("/field/key/", {"salt": SALT} | body, content_type="application/json")


def script(content: str, name: str) -> Any:
    return json.loads(content.split(f'id="{name}" type="application/json">')[1].split("</script>")[0])


def test_a_crew_member_sees_the_page_and_it_holds_no_visit(order: Any, django_assert_num_queries: Any) -> None:
    client = signed_in(order.lead.user)
    client.get("/field/")

    with django_assert_num_queries(3):  # session, user, crew member
        answer = client.get("/field/")

    content = answer.content.decode()
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert script(content, "field-page")["badge"] == order.lead.external_ref
    assert str(order) not in content
    assert order.address.line not in content
    # Nothing runs that stands in the page itself.
    assert content.count("<script") - content.count('type="application/json"') == 1


def test_others_are_led_to_the_sign_in_or_refused(agency: Any, officer: Any, settings: Any) -> None:
    stranger = Client().get("/field/")

    assert (stranger.status_code, stranger["Location"]) == (302, "/admin/login/?next=%2Ffield%2F")
    assert ask_key(Client()).status_code == 401
    for user in (officer, make_coordinator(agency=agency)):
        assert signed_in(user).get("/field/").status_code == 403
        assert ask_key(signed_in(user)).status_code == 403
    settings.SECOND_FACTOR_REQUIRED = True
    assert ask_key(signed_in(make_member(agency=agency).user)).status_code == 401


def test_a_crew_login_without_a_crew_member_is_refused(agency: Any) -> None:
    member = make_member(agency=agency)
    user = member.user
    member.user = None
    member.save(update_fields=["user"])

    assert signed_in(user).get("/field/").status_code == 403


def test_a_key_is_of_the_person_and_the_telephone(pair: Any) -> None:
    lead, second = (signed_in(member.user) for member in pair)

    first = ask_key(lead).json()

    assert (first["user"], len(base64.b64decode(first["key"]))) == (pair[0].user.pk, 32)
    assert ask_key(lead, number=first["number"]).json() == first
    others = [ask_key(second), ask_key(lead, salt=base64.b64encode(bytes([1] * 16)).decode())]
    assert len({first["key"], *(answer.json()["key"] for answer in others)}) == 3


def test_a_telephone_learns_of_a_newer_key_and_keeps_the_one_it_sealed_with(pair: Any, settings: Any) -> None:
    lead = signed_in(pair[0].user)
    old = ask_key(lead).json()
    encoded = base64.urlsafe_b64encode(bytes([9] * 32)).decode()
    settings.FIELD_KEYS = f"{settings.FIELD_KEYS},{old['number'] + 1}:{encoded}"

    kept, new = ask_key(lead, number=old["number"]).json(), ask_key(lead).json()

    assert (kept["key"], kept["number"], kept["newest"]) == (old["key"], old["number"], old["number"] + 1)
    assert (new["number"], new["key"] == old["key"]) == (old["number"] + 1, False)


def test_a_key_lasts_as_long_as_the_sign_in(pair: Any, settings: Any) -> None:
    lead = signed_in(pair[0].user)
    began_at = int(lead.session["began_at"])

    with time_machine.travel(datetime.fromtimestamp(began_at, tz=UTC) + timedelta(minutes=20), tick=False):
        left = ask_key(lead).json()["seconds"]

    assert left == settings.SESSION_LONGEST_SECONDS - 20 * 60


@pytest.mark.parametrize("body", [{"salt": "x"}, {"salt": ""}, {"number": 77}, {"number": "x"}, {"salt": "A" * 3000}])
def test_a_question_that_is_none_is_refused(pair: Any, body: Any) -> None:
    assert ask_key(signed_in(pair[0].user), **body).status_code == 400


def test_the_address_is_shown_to_the_crew_with_the_letter_and_logged(order: Any) -> None:
    answer = signed_in(order.lead.user).post(f"/field/visits/{order.pk}/address/")

    shown = answer.json()
    assert (answer.status_code, shown["line"]) == (200, order.address.line)
    assert (shown["latitude"], shown["longitude"]) == order.address.coordinates
    assert shown["letter"].endswith(f"/v/{order.letter_code}")
    assert shown["qr"].startswith("data:image/svg+xml")
    assert AccessEntry.objects.get().actor_id == order.lead.user.pk


def test_the_address_is_hidden_from_other_crews_before_acceptance_and_after_the_report(
    order: Any, shanghai: Any
) -> None:
    stranger = make_member(agency=make_agency(territory=shanghai)).user
    refused = [signed_in(stranger).post(f"/field/visits/{order.pk}/address/").status_code]
    for state in ("SCHEDULED", "REPORTED"):
        type(order).objects.filter(pk=order.pk).update(state=state)
        refused.append(signed_in(order.lead.user).post(f"/field/visits/{order.pk}/address/").status_code)

    assert refused == [404, 409, 409]
    assert not AccessEntry.objects.exists()


def test_requests_of_foreign_pages_are_refused(order: Any) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(order.lead.user, backend="django.contrib.auth.backends.ModelBackend")

    assert client.post(f"/field/visits/{order.pk}/address/").status_code == 403
    assert ask_key(client).status_code == 403


def test_the_home_page_leads_the_crew_to_it(pair: Any, officer: Any) -> None:
    assert 'href="/field/"' in signed_in(pair[0].user).get("/admin/").content.decode()
    assert 'href="/field/"' not in signed_in(officer).get("/admin/").content.decode()
