"""The page of a trial: finished at once if small, its progress, and its figures."""

from typing import Any

import pytest
from django.urls import reverse

from cases.models import PolicyTrial
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import TODAY, make_overdue

pytestmark = pytest.mark.django_db


TRY = "/admin/cases/policytrial/try/"


@pytest.fixture
def draft(shanghai: Any) -> Any:
    make_version(rules=[make_rule(code="LARGE", value="90000")])
    make_facts(account=make_overdue(territory=shanghai))
    return make_version(
        state="DRAFT", number=2, rules=[make_rule(code="LARGE", title={"en": "Large sum", "zh": "大额"})]
    )


def asked(draft: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "BACKTEST", "version": draft.pk, "against": "in force", "business_date": TODAY.isoformat()} | more


def test_a_small_trial_is_finished_when_its_page_opens(client: Any, risk_manager: Any, draft: Any) -> None:
    client.force_login(risk_manager)
    assert client.get(f"{TRY}?kind=PREVIEW&version={draft.pk}").context["form"].initial["kind"] == "PREVIEW"

    page = client.post(TRY, asked(draft), follow=True)

    trial = PolicyTrial.objects.get()
    assert (trial.state, trial.figures[0]["borrowers"]["opened"]) == ("FINISHED", 1)
    assert "Refresh" not in page.headers
    body = page.content.decode()
    assert "大额" in body
    assert "Shanghai" in body or "上海" in body


def test_a_preview_leads_to_what_publishing_would_mean(client: Any, risk_manager: Any, draft: Any) -> None:
    client.force_login(risk_manager)

    page = client.post(TRY, asked(draft, kind="PREVIEW"), follow=True)

    assert reverse("reports_policy_preview", args=[PolicyTrial.objects.get().pk]) in page.content.decode()


def test_a_trial_that_is_being_worked_shows_how_far_it_is_and_renews_itself(
    client: Any, auditor: Any, draft: Any, risk_manager: Any
) -> None:
    from cases.services.trials.trial_requests import request_trial
    from tests.factories.portfolio import AT

    trial = request_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    client.force_login(auditor)

    page = client.get(reverse("admin:cases_policytrial_change", args=[trial.pk]))

    assert page.headers["Refresh"] == "3"
    assert "0%" in page.content.decode()
