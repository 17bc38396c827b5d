"""The policy of a new installation is valid."""

from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.rules.policy.parser import parse_policy


def test_parse_policy_reads_the_shipped_one() -> None:
    policy = parse_policy(DEFAULT_POLICY)

    assert [rule.code for rule in policy.rules] == [
        "LARGE_ARREARS",
        "LONG_OVERDUE_UNREACHABLE",
        "FALSE_INFORMATION",
        "STRATEGY_UPGRADE",
    ]
