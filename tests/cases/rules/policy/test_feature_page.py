"""The page of the catalogue: complete, and what is written down is what the code says."""

from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from cases.rules.policy.feature_page import feature_page
from cases.rules.policy.features import FEATURES, PROTECTED_TRAITS
from cases.rules.policy.verified_facts import NEUTRAL_FACTS, VERIFIED_FACTS


def test_every_feature_has_one_row_and_one_expression() -> None:
    page = feature_page()

    assert [page.count(f"\n| `{name}` |") for name in FEATURES] == [1] * len(FEATURES)
    assert [page.count(f"\n- `{name}`: ") for name in FEATURES] == [1] * len(FEATURES)
    assert {line.replace("\\|", "").count("|") for line in page.splitlines() if line.startswith("| `")} == {9}


def test_protected_traits_are_named_as_refused_and_nowhere_else() -> None:
    rows = [line for line in feature_page().splitlines() if line.startswith("| `")]

    assert not {name for name, feature in FEATURES.items() if feature.places} & PROTECTED_TRAITS
    assert [line for line in rows if line.split("`")[1] in PROTECTED_TRAITS and "| none |" not in line] == []


def test_the_written_page_is_the_catalogue() -> None:
    call_command("features", "--check")


def test_check_says_what_to_run(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "features.md").write_text("old")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "BASE_DIR", tmp_path)
        with pytest.raises(CommandError, match="features --write"):
            call_command("features", "--check")
        call_command("features", "--write")
        call_command("features", "--check")


def test_every_fact_of_a_verification_has_one_row_without_sql() -> None:
    page = feature_page()

    assert [page.count(f"\n| `{name}` |") for name in VERIFIED_FACTS] == [1] * len(VERIFIED_FACTS)
    assert [page.count(f"\n- `{name}`: ") for name in VERIFIED_FACTS] == [0] * len(VERIFIED_FACTS)
    assert page.count("; neutral |") == len(NEUTRAL_FACTS)
