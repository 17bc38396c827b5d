"""Conditions as sentences, and the sentence of what would end them."""

from django.utils.translation import override

from cases.rules.policy.parser import parse_policy
from cases.rules.policy.sentences import closing_sentence, tree_sentence
from tests.factories.policy import make_rule, policy_body


def test_sentences_say_a_rule_and_its_end() -> None:
    when = {
        "all": [
            {"feature": "arrears_amount", "op": "gte", "value": "20000"},
            {"not": {"feature": "days_since_login", "op": "lte", "value": 7}},
        ]
    }
    policy = parse_policy(policy_body(rules=[make_rule(when=when)]))
    facts = {"currency": "TWD", "arrears_amount": "90000.50", "days_since_login": None}

    with override("en"):
        asked = tree_sentence(policy.rules[0].when, policy=policy, facts=facts)
        ends = closing_sentence(policy.rules[0].when, policy=policy)

    assert asked == (
        "Arrears at least CNY 20,000 (here: TWD 90,000.50); and "
        "Days since the last app login more than 7 days or unknown (here: unknown)"
    )
    assert ends == "Arrears less than CNY 20,000; or Days since the last app login at most 7 days"
