"""Rejected rows on the page of a file: masked for who sees the file, in clear only after POST, purpose and release."""

from typing import Any

import pytest
from django.urls import reverse

from backoffice.audit.models import AccessEntry
from cases.models import RejectRelease
from tests.cases.services.intake.test_reject_releases import NAME, make_file

PURPOSE = "Correct the branch codes"


def _address(name: str, file: Any) -> str:
    return reverse(f"admin:cases_intakefile_{name}", args=[file.pk])


def _body(response: Any) -> str:
    return b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [("RISK_MANAGER", 200), ("ADMINISTRATOR", 200), ("AUDITOR", 200), ("CASE_OFFICER", 404), ("APPROVER", 404)],
)
def test_masked_rows_are_for_those_who_see_the_file(role: str, status: int, client: Any, person: Any) -> None:
    client.force_login(person(role))

    response = client.get(_address("rejects", make_file()))

    assert response.status_code == status
    assert NAME not in _body(response)
    assert AccessEntry.objects.count() == 0


@pytest.mark.parametrize(
    ("role", "status"), [("ADMINISTRATOR", 403), ("AUDITOR", 403), ("CASE_OFFICER", 404), ("CREW", 404)]
)
def test_rows_in_clear_are_refused_to_every_other_role(role: str, status: int, client: Any, person: Any) -> None:
    visitor = person(role)
    client.force_login(visitor)

    response = client.post(
        _address("take_rejects", make_file(taken_by=visitor)), {"_form_submitted": "on", "purpose": PURPOSE}
    )

    assert response.status_code == status
    assert AccessEntry.objects.count() == 0


def test_rows_of_an_own_file_are_handed_out_by_post_for_a_purpose(client: Any, risk_manager: Any) -> None:
    client.force_login(risk_manager)
    where = _address("take_rejects", make_file(taken_by=risk_manager))

    for refused in (client.get(where), client.post(where, {"_form_submitted": "on", "purpose": " "})):
        assert NAME not in _body(refused)
    assert AccessEntry.objects.count() == 0
    response = client.post(where, {"_form_submitted": "on", "purpose": PURPOSE})

    assert NAME in _body(response)
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "no-store" in response.headers["Cache-Control"]
    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.purpose, entry.note) == (risk_manager.pk, "INTAKE", PURPOSE)


def test_rows_of_another_file_are_asked_for_released_and_taken(client: Any, risk_manager: Any, person: Any) -> None:
    file = make_file()
    page = _address("change", file)
    ask, release, take = (_address(name, file) for name in ("ask_for_rejects", "release_rejects", "take_rejects"))
    client.force_login(risk_manager)
    offered = client.get(page).content.decode()
    assert (ask in offered, release in offered, take in offered) == (True, False, False)
    client.post(ask, {"_form_submitted": "on", "purpose": PURPOSE})
    asked = RejectRelease.objects.get()
    offered = client.get(page).content.decode()
    assert (ask in offered, release in offered, take in offered) == (False, False, False)
    assert NAME not in _body(client.post(take, {"_form_submitted": "on"}))
    client.post(release, {"_form_submitted": "on", "release": asked.pk})
    asked.refresh_from_db()
    assert asked.released_by is None

    client.force_login(person("ADMINISTRATOR"))
    assert PURPOSE in client.get(release).content.decode()
    client.post(release, {"_form_submitted": "on", "release": asked.pk})
    client.force_login(risk_manager)

    assert take in client.get(page).content.decode()
    assert NAME in _body(client.post(take, {"_form_submitted": "on"}))
    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.purpose, entry.note) == (risk_manager.pk, "INTAKE", PURPOSE)
