"""Every code that a decision can carry has its sentence."""

import ast
from pathlib import Path

from cases.rules import decisions, proposals
from cases.rules.policy import proposal_parser
from cases.rules.policy.proposal_parser import TABLE_REASONS, TABLE_STEPS
from cases.rules.reasons import NEXT_STEPS, REASONS, WAYS_BACK


def words(module):
    tree = ast.parse(Path(module.__file__).read_text())
    return {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def test_every_reason_and_way_back_of_the_rules_has_a_sentence():
    used = words(decisions) | words(proposals) | words(proposal_parser)

    assert {"SETTLE_OR_AGREE_A_PLAN", "THREE_PAYMENTS_ON_TIME"} <= used & set(WAYS_BACK)
    assert {"UNABLE_TO_PAY", "PAID", "HARDSHIP"} <= used & set(REASONS)
    codes = {word for word in used if word.isupper() and "_" in word}
    assert set(TABLE_REASONS) <= set(REASONS)
    assert set(TABLE_STEPS) <= set(NEXT_STEPS)
    # The rest are keys of other vocabularies: the first step of the legal route is one word.
    assert codes - set(REASONS) - set(NEXT_STEPS) - set(WAYS_BACK) == set()


def test_no_sentence_is_empty():
    assert all(str(text).strip() for table in (REASONS, NEXT_STEPS, WAYS_BACK) for text in table.values())
