"""The confirmation of a bulk approval lists of each row what it changes, for whom, and why."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.casework import make_decision
from tests.factories.standing import make_good

TERMS = {"before": "60000.00", "limit": "66000.00"}
# Of them two read the effects of all rows, and three what stands against them; the list behind it is read too.
CONFIRMATION_QUERIES = 17


def asked(client, decisions):
    form = {"action": "approve_selected", "_selected_action": [decision.pk for decision in decisions]}
    return client.post(reverse("admin:cases_decision_changelist"), form, headers={"Accept-Language": "en"})


def test_each_row_says_what_changes_for_whom_and_why(client, shanghai, approver):
    account = make_good(shanghai)
    decision = make_decision(account=account, kind="LIMIT_INCREASE", terms=TERMS)
    client.force_login(approver)

    text = " ".join(unescape(re.sub(r"<[^>]+>", " ", asked(client, [decision]).content.decode())).split())

    name = account.borrower.masked_name
    assert f"{decision} Raise the limit {name} {account.external_ref} Limit: CNY 60,000.00 → CNY 66,000.00" in text
    assert "CNY 0.00 0 days past due" in text


@pytest.mark.parametrize("count", [1, 3])
def test_the_confirmation_costs_the_same_for_one_row_and_three(client, shanghai, approver, settings, count):
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    rows = [make_decision(account=make_good(shanghai), kind="LIMIT_INCREASE", terms=TERMS) for _one in range(count)]
    client.force_login(approver)
    # What Django keeps for the length of the process is read once.
    asked(client, rows)

    with CaptureQueriesContext(connection) as queries:
        answer = asked(client, rows)

    assert answer.content.decode().count("→") == count
    assert len(queries) == CONFIRMATION_QUERIES, "\n".join(q["sql"][:150] for q in queries)
