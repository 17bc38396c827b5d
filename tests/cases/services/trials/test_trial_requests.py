"""Who may request a trial, on which days, and that it keeps the rules of that moment."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput, NotAllowed
from cases.models import PolicyTrial, PolicyVersion
from cases.rules.trials.trial_figures import figures_from
from cases.services.trials.backtest import backtest
from cases.services.trials.trial_requests import request_trial
from tests.factories.facts import make_facts
from tests.factories.portfolio import AT, TODAY, make_overdue
from tests.factories.trials import versions, work

pytestmark = pytest.mark.django_db


def test_a_day_without_facts_is_refused_with_the_days_that_are_kept(shanghai: Any, risk_manager: Any) -> None:
    active, draft = versions()
    with override("en"), pytest.raises(InvalidInput, match="No facts are kept yet"):
        backtest(version=draft, against=active, business_date=TODAY)
    make_facts(account=make_overdue(territory=shanghai))

    with pytest.raises(InvalidInput, match="2026-03-02") as refused:
        request_trial(
            kind="BACKTEST", version=draft, business_date=TODAY - timedelta(days=9), actor=risk_manager, at=AT
        )

    assert refused.value.field == "business_date"
    assert PolicyTrial.objects.count() == 0


def test_a_draft_is_tried_as_it_was_when_it_was_asked_for(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    make_facts(account=make_overdue(territory=shanghai, arrears="25000"))
    trial = request_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    PolicyVersion.objects.filter(pk=draft.pk).update(body=draft.body | {"rules": []})

    assert figures_from(work(trial).figures[0]).hits["new"] == {"LARGE": 1}


def test_only_those_who_may_try_policies_do(shanghai: Any, approver: Any, officer: Any) -> None:
    _active, draft = versions()
    make_facts(account=make_overdue(territory=shanghai))
    for person in (approver, officer):
        with pytest.raises(NotAllowed):
            request_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=person, at=AT)
    assert PolicyTrial.objects.visible_to(approver).count() == 0
