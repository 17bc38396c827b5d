"""The feature catalogue: one entry for each column of the facts, with a text on how it is computed."""

from cases.enums import NEVER_FEATURES, FlagKind
from cases.models import AccountFacts
from cases.rules.policy.features import FEATURES


def test_the_catalogue_is_the_columns_of_the_facts() -> None:
    columns = {field.attname for field in AccountFacts._meta.concrete_fields}

    assert set(FEATURES) == columns - {"id", "account_id", "borrower_id", "business_date"}


def test_nullable_features_are_the_nullable_columns() -> None:
    nullable = {field.attname for field in AccountFacts._meta.concrete_fields if field.null}

    assert {name for name, feature in FEATURES.items() if feature.nullable} == nullable


def test_every_feature_says_how_it_is_worked_out() -> None:
    assert [name for name, feature in FEATURES.items() if not str(feature.doc).endswith((".", "。"))] == []


def test_health_age_and_family_life_are_no_features() -> None:
    flags = {f"flag_{kind.lower()}" for kind in FlagKind.values}

    assert flags - set(FEATURES) == {f"flag_{kind.lower()}" for kind in NEVER_FEATURES}
    assert {"AGED", "DISABLED", "CHILDBIRTH", "ILLNESS"} <= NEVER_FEATURES
