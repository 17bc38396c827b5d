"""The bank of sentences: complete in both languages, short, without threats, and without a debt on the outside."""

import pytest

from cases.enums import ADVERSE_KINDS, DecisionKind, Section
from cases.rules.letters.bank import bank, bank_problems, read_bank
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.rules.reasons import REASONS, WAYS_BACK
from cases.rules.wording.word_lists import word_lists

REWARDS = ("LIMIT_INCREASE", "RATE_REDUCTION")


def test_no_shipped_sentence_has_a_problem():
    assert bank_problems(bank=bank(), words=word_lists()) == []


def test_each_decision_reason_and_way_back_has_its_sentence():
    needed = {f"what.{'TAKEN' if kind in ADVERSE_KINDS else 'GRANTED'}.{kind}" for kind in DecisionKind}
    needed |= {f"what.OVER.{kind}" for kind in DecisionKind}
    needed |= {f"what.{kind}.{reward}" for kind in ("SUSPENDED", "RESUMED") for reward in REWARDS}
    needed |= {f"why.reasons.{code}" for code in REASONS}
    needed |= {f"why.reasons.{r['code']}" for part in ("rewards", "restrictions") for r in DEFAULT_POLICY[part]}
    needed |= {f"why.sections.{section}" for section in Section}
    # An appeal is explained in a section of its own.
    needed |= {f"way.{code}" for code in WAYS_BACK if code != "APPEAL"}

    assert sorted(path for path in needed if not bank().has(path)) == []


def _faulty(path: str, zh: str, en: str) -> list[str]:
    table, name = path.split(".")
    text = f'version = "1"\n[{table}]\n{name} = {{ zh = "{zh}", en = "{en}" }}\n'
    return bank_problems(bank=read_bank(text), words=word_lists())


@pytest.mark.parametrize(
    ("path", "zh", "en", "problems"),
    [
        (
            "what.x",
            "我们会起诉到法院。",
            "We will see you in court.",
            ["what.x, zh: “法院” may not stand there (CLAIM).", "what.x, en: “court” may not stand there (CLAIM)."],
        ),
        (
            "outside.x",
            "关于逾期的信",
            "About your debt",
            [
                "outside.x, zh: “逾期” may not stand there (DEBT).",
                "outside.x, en: “debt” may not stand there (DEBT).",
            ],
        ),
        ("what.x", "您的账户已逾期。", "Your account is overdue.", []),
        ("what.x", "拨打{phone}。", "Call us.", ["what.x: both languages have the same places in braces."]),
        ("what.x", "{who}好。", "Hello {who}.", ["what.x: no letter fills {who}."]),
        ("what.x", "好{。", "Fine.", ["what.x, zh: a brace stands alone."]),
        ("what.x", " ", "Fine.", ["what.x, zh: the sentence is empty."]),
        (
            "what.x",
            "好" * 46 + "。",
            "so " * 26 + "long.",
            [
                "what.x, zh: a sentence has 46, at most 45 are read at once.",
                "what.x, en: a sentence has 27, at most 26 are read at once.",
            ],
        ),
        ("what.x", "好" * 45 + "。好。", "so " * 25 + "long. And then.", []),
        ("what.x", "请打13812345678。", "Fine.", ["what.x, zh: “13812345678” may not stand there (TELEPHONE)."]),
    ],
)
def test_bank_problems_names_the_sentence_and_what_is_wrong_with_it(path, zh, en, problems):
    assert _faulty(path, zh, en) == problems


def test_bank_problems_names_a_language_that_is_missing():
    missing = read_bank('version = "1"\n[what]\nx = { zh = "好。" }\n')

    assert bank_problems(bank=missing, words=word_lists()) == [
        "what.x: give it in zh and en, and in no other language."
    ]


def test_words_that_the_operator_forbids_are_found_too():
    found = bank_problems(bank=bank(), words=word_lists(more={"claim": ["调解"]}))

    assert found == ["what.TAKEN.LEGAL, zh: “调解” may not stand there (CLAIM)."] * 2


def test_a_bank_without_version_is_refused():
    with pytest.raises(ValueError, match="has no version"):
        read_bank('[what]\nx = { zh = "好。", en = "Good." }\n')


def test_say_fills_the_places_and_refuses_what_is_missing():
    assert bank().say("ask.phone", language="en", phone="{400}") == "Please call {400}; a person answers."
    with pytest.raises(KeyError):
        bank().say("ask.phone", language="en")
