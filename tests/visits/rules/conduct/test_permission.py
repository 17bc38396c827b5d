"""Permission first and the hours of a workplace; the jurisdictions that set them are tried in test_jurisdictions."""

from dataclasses import replace
from datetime import time, timedelta

from cases.enums import AddressKind
from tests.factories.conduct import CN, LAWFUL, NOON
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.permission import permission_refusals

BUSINESS = replace(LAWFUL, place=AddressKind.BUSINESS, starts_at=NOON, ends_at=NOON + timedelta(minutes=30))


def found(policy, proposal):
    return [refusal.rule for refusal in permission_refusals(policy=policy, proposal=proposal)]


def test_permission_is_asked_for_where_the_policy_says_so():
    strict = replace(CN, permission_first=True)

    assert found(CN, LAWFUL) == []
    assert found(strict, LAWFUL) == [ConductRule.PERMISSION]
    assert found(strict, replace(LAWFUL, permission_ref="rec-1")) == []


def test_the_whole_visit_lies_inside_the_hours_of_the_workplace():
    exact = replace(CN, workplace_from=time(12), workplace_until=time(12, 30))

    assert found(exact, BUSINESS) == []
    assert found(replace(exact, workplace_from=time(12, 0, 1)), BUSINESS) == [ConductRule.WORKPLACE_HOURS]
    assert found(replace(exact, workplace_until=time(12, 29, 59)), BUSINESS) == [ConductRule.WORKPLACE_HOURS]
    assert found(replace(exact, workplace_until=time(12, 29, 59)), replace(BUSINESS, place=AddressKind.RESIDENCE)) == []
