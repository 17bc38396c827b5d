"""The doors of trials: asked for by a person, read with figures, refused in words."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from cases.models import PolicyTrial
from cases.services.trials import trial_worker
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/policy-trials/"


def signed_in(user: Any) -> APIClient:
    client = APIClient()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_trial_is_asked_for_worked_and_read(shanghai: Any, risk_manager: Any, approver: Any) -> None:
    active = make_version(rules=[])
    draft = make_version(state="DRAFT", number=2, rules=[make_rule()])
    make_facts(account=make_overdue(territory=shanghai))

    asked = signed_in(risk_manager).post(DOOR, {"version": draft.pk, "business_date": "2026-03-02"}, format="json")
    trial_id = asked.json()["id"]
    while trial_worker.work_trial(trial_id=trial_id, at=AT):
        pass
    read = signed_in(approver).get(f"{DOOR}{trial_id}/").json()

    assert (asked.status_code, asked.json()["state"], asked.json()["against"]) == (201, "QUEUED", active.pk)
    assert (read["state"], read["figures"][0]["borrowers"]["opened"]) == ("FINISHED", 1)


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"business_date": "2020-01-01"}, 400),
        ({"until_date": "2020-01-01"}, 400),
        ({"kind": "SHADOW"}, 400),
        ({"version": 10**17}, 400),
        ({"against_nothing": True, "against": None}, 400),
        ({"business_date": "tomorrow"}, 400),
    ],
)
def test_what_cannot_be_tried_is_refused(shanghai: Any, risk_manager: Any, given: dict[str, Any], status: int) -> None:
    draft = make_version(state="DRAFT", rules=[make_rule()])
    make_facts(account=make_overdue(territory=shanghai))

    answer = signed_in(risk_manager).post(
        DOOR, {"version": draft.pk, "business_date": TODAY.isoformat(), **given}, format="json"
    )

    assert answer.status_code == status
    assert PolicyTrial.objects.count() == 0


def test_who_may_not_try_policies_is_refused(shanghai: Any, approver: Any, officer: Any) -> None:
    draft = make_version(state="DRAFT", rules=[make_rule()])
    for person in (approver, officer):
        answer = signed_in(person).post(DOOR, {"version": draft.pk, "business_date": "2026-03-02"}, format="json")
        assert answer.status_code == 403
