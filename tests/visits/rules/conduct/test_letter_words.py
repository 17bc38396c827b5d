"""Purposes in words for the public: every one, in both languages, and none that tells of money."""

from visits.enums import VisitPurpose
from visits.rules.conduct.letter_words import PURPOSE_WORDS


def test_every_purpose_has_neutral_words():
    assert set(PURPOSE_WORDS) == set(VisitPurpose)
    for words in PURPOSE_WORDS.values():
        assert set(words) == {"zh", "en"}
        for secret in ("债", "款", "欠", "催", "逾期", "debt", "loan", "pay", "arrears", "overdue", "capacity"):
            assert secret not in words["zh"] + words["en"].lower()
