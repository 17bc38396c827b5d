"""The pages of trials and shadow runs: asked for by those who may, worked at once while small, read by the others."""

from typing import Any

import pytest
from django.urls import reverse

from cases.models import PolicyTrial, ShadowRun
from cases.services.trials import shadow_runs, trial_worker
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import TODAY, make_overdue

pytestmark = pytest.mark.django_db
TRY, BEGIN = "/admin/cases/policytrial/try/", "/admin/cases/shadowrun/begin/"


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


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"business_date": "2020-01-01"}, "business_date"),
        ({"until_date": "2020-01-01"}, "until_date"),
        ({"version": 0}, "version"),
    ],
)
def test_what_cannot_be_tried_is_said_at_its_field(
    client: Any, risk_manager: Any, draft: Any, more: dict[str, Any], field: str
) -> None:
    client.force_login(risk_manager)

    page = client.post(TRY, asked(draft, **more))

    assert page.status_code == 200
    assert page.context["form"].errors[field]
    assert PolicyTrial.objects.count() == 0


@pytest.mark.parametrize("address", [TRY, BEGIN])
def test_only_risk_managers_ask(client: Any, approver: Any, officer: Any, draft: Any, address: str) -> None:
    for person in (approver, officer):
        client.force_login(person)
        assert client.post(address, asked(draft)).status_code == 403
    assert (PolicyTrial.objects.count(), ShadowRun.objects.count()) == (0, 0)


def test_a_shadow_run_shows_its_nights_and_ends_by_a_button(client: Any, risk_manager: Any, draft: Any) -> None:
    from cases.models import EvaluationRun
    from tests.factories.portfolio import AT

    client.force_login(risk_manager)
    days = {"version": draft.pk, "from_date": TODAY.isoformat(), "until_date": TODAY.isoformat()}
    empty = client.post(BEGIN, days, follow=True)
    shadow = ShadowRun.objects.get()
    EvaluationRun.objects.create(
        job="TRIGGERS",
        business_date=TODAY,
        policy_version=draft.policy.versions.get(number=1),
        state="FINISHED",
        started_at=AT,
        finished_at=AT,
        updated_at=AT,
    )
    assert shadow_runs.queue_due_comparisons(at=AT) == 1
    trial = PolicyTrial.objects.get()
    while trial_worker.work_trial(trial_id=trial.pk, at=AT):
        pass

    page = client.get(reverse("admin:cases_shadowrun_change", args=[shadow.pk])).context["page"]

    assert empty.context["page"] == {"nights": ()}
    assert [night["people"]["opened"] for night in page["nights"]] == [1]
    client.post(f"/admin/cases/shadowrun/{shadow.pk}/end/", {"_form_submitted": "1"})
    shadow.refresh_from_db()
    assert shadow.ended_at is not None
