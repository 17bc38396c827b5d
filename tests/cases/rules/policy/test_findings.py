"""Findings in the reader's language."""

from django.utils.translation import override

from cases.rules.policy.checks import check_policy
from cases.rules.policy.parser import parse_policy
from tests.factories.policy import policy_body


def test_findings_are_in_the_readers_language() -> None:
    with override("en"):
        english = check_policy(parse_policy(policy_body()))[0].message
    with override("zh-hans"):
        chinese = check_policy(parse_policy(policy_body()))[0].message

    assert english != chinese
