"""Shadow runs in the admin: who starts one, its nights, and its end."""

from dataclasses import replace
from typing import Any

import pytest
from django.urls import reverse

from backoffice.access.roles import CARDS, Role
from cases.models import PolicyTrial, ShadowRun
from cases.services.trials import shadow_runs, trial_worker
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

pytestmark = pytest.mark.django_db


BEGIN = "/admin/cases/shadowrun/begin/"


@pytest.fixture
def draft(shanghai: Any) -> Any:
    make_version(rules=[make_rule(code="LARGE", value="90000")])
    make_facts(account=make_overdue(territory=shanghai))
    return make_version(
        state="DRAFT", number=2, rules=[make_rule(code="LARGE", title={"en": "Large sum", "zh": "大额"})]
    )


def asked(draft: Any, **more: Any) -> dict[str, Any]:
    return {"kind": "BACKTEST", "version": draft.pk, "against": "in force", "business_date": TODAY.isoformat()} | more


def test_only_risk_managers_begin_one(client: Any, approver: Any, officer: Any, draft: Any) -> None:
    for person in (approver, officer):
        client.force_login(person)
        assert client.post(BEGIN, asked(draft)).status_code == 403
    assert ShadowRun.objects.count() == 0


def test_a_shadow_run_shows_its_nights_and_ends_by_a_button(client: Any, risk_manager: Any, draft: Any) -> None:
    from cases.models import EvaluationRun

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


def test_a_person_of_one_territory_neither_begins_nor_ends_one(
    client: Any, approver: Any, risk_manager: Any, draft: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = CARDS[Role.APPROVER]
    permissions = card.permissions | {"cases.run_policytrial"}
    monkeypatch.setitem(CARDS, Role.APPROVER, replace(card, permissions=permissions))
    days = {"version": draft.pk, "from_date": TODAY.isoformat(), "until_date": TODAY.isoformat()}
    shadow = ShadowRun.objects.create(
        version=draft, from_date=TODAY, until_date=TODAY, set_by=risk_manager, created_at=AT
    )
    client.force_login(approver)

    assert client.get(BEGIN).status_code == 403
    assert client.post(BEGIN, days).status_code == 403
    assert client.post(f"/admin/cases/shadowrun/{shadow.pk}/end/", {"_form_submitted": "1"}).status_code == 403
    assert ShadowRun.objects.get().ended_at is None
