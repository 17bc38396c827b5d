"""The publish preview: room at agencies, cost, and what the conduct guard would refuse."""

from typing import Any

import pytest
from django.urls import reverse

from cases.models import PolicyTrial
from reports.selectors.policy_preview import policy_preview
from tests.factories.portfolio import AT, TODAY
from tests.factories.trials import previewed
from tests.factories.visits import make_agency
from visits.models import Agency

pytestmark = pytest.mark.django_db


def look(trial: PolicyTrial) -> Any:
    return policy_preview(trial=trial, business_date=TODAY, at=AT)


def test_the_page_is_for_those_who_read_trials(
    client: Any, approver: Any, officer: Any, shanghai: Any, risk_manager: Any
) -> None:
    make_agency(territory=shanghai)
    trial = previewed(risk_manager, territory=shanghai)
    where = reverse("reports_policy_preview", args=[trial.pk])
    client.force_login(approver)
    page = client.get(where)
    assert page.status_code == 200
    assert "880" in page.content.decode()
    assert client.get(reverse("reports_policy_preview", args=[trial.pk + 1])).status_code == 404
    client.force_login(officer)
    assert client.get(where).status_code == 403
    assert Agency.objects.count() == 1


def test_a_draft_that_changed_since_says_so(client: Any, risk_manager: Any, shanghai: Any) -> None:
    trial = previewed(risk_manager, territory=shanghai)
    type(trial.version).objects.filter(pk=trial.version_id).update(body=trial.body | {"rewards": []})
    client.force_login(risk_manager)

    page = client.get(reverse("reports_policy_preview", args=[trial.pk]))

    assert page.context["preview"].draft_has_changed
