"""Trials in the admin: who requests one, and what the form refuses."""

from typing import Any

import pytest

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


def test_only_risk_managers_request_one(client: Any, approver: Any, officer: Any, draft: Any) -> None:
    for person in (approver, officer):
        client.force_login(person)
        assert client.post(TRY, asked(draft)).status_code == 403
    assert PolicyTrial.objects.count() == 0
