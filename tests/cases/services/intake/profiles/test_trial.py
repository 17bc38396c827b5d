"""A mapping tried on its sample: what is missing, what is wrong, and what becomes of the rows."""

from decimal import Decimal
from typing import Any

import pytest

from cases.models import ProfileSample
from cases.rules.profile.choices import choices_of
from cases.rules.profile.fields import ACCOUNT
from cases.services.intake.profiles.sample_rows import cut_sample
from cases.services.intake.profiles.samples import keep_sample
from cases.services.intake.profiles.trial import (
    Example,
    masked_trial,
    missing_fields,
    offered_sections,
    required_names,
    try_mapping,
)
from cases.services.intake.profiles.versions import make_version
from tests.cases.services.intake.samples import CONTENT, PROFILE
from tests.conftest import AT


def tried(text: str) -> Any:
    return try_mapping(choices=choices_of(text=text), content=cut_sample(content=CONTENT), name="own", at=AT)


def test_a_whole_mapping_reads_the_rows(shanghai):
    trial = tried(PROFILE)

    assert (trial.problem, trial.missing, trial.file_problem) == ("", [], "")
    assert trial.tried.counts() == {"rows": 3, "taken": 3, "rejected": 0, "reasons": [], "doubts": []}
    assert trial.examples["account.credit_limit"] == Example(text="100", value=Decimal(100))
    assert [column.name for column in trial.columns] == ["person", "branch", "account", "limit", "as_of", "name"]


def test_required_fields_without_a_choice_are_named_and_the_others_have_examples():
    trial = tried('kind = "ACCOUNTS"\n[account]\nproduct = ""\nas_of = { column = "as_of" }\n[[phones]]\n')

    assert trial.missing == [
        "borrower.external_ref",
        "account.external_ref",
        "account.product",
        "account.credit_limit",
        "phones.0.number",
    ]
    assert trial.tried is None
    assert trial.examples["account.as_of"].text == "2026-03-01"


@pytest.mark.parametrize(
    ("added", "key", "words"),
    [
        ('segment = { column = "nowhere" }', "account.segment", "nowhere"),
        ('segment = { template = "x-{nowhere}" }', "account.segment", "nowhere"),
        ('segment = { column = "性别" }', "account.segment", "从不导入"),
        ('status = "GONE"', "account.status", "必须是以下之一"),
    ],
)
def test_what_is_wrong_with_a_field_is_told_at_the_field(shanghai, added, key, words):
    trial = tried(PROFILE + added)

    assert (trial.problem_key, trial.tried) == (key, None)
    assert words in trial.problem == str(trial.examples[key].problem)


def test_a_file_that_is_not_read_so_has_no_columns():
    trial = tried('kind = "ACCOUNTS"\n[file]\nencodings = ["ascii"]\n')

    assert (trial.problem_key, trial.columns) == ("file.encodings", [])
    assert "ascii" in trial.file_problem


def test_a_profile_that_only_renews_is_offered_and_asked_for_less():
    choices = choices_of(text='kind = "ACCOUNTS"\nupdates_only = true\n[account]\n')
    singles, repeated = offered_sections(choices=choices)

    assert (list(singles), list(singles["borrower"]), list(repeated)) == (
        ["borrower", "account"],
        ["last_app_login_at"],
        ["statements", "repayments"],
    )
    assert missing_fields(choices=choices) == ["account.external_ref", "account.as_of"]
    assert required_names(choices=choices, section="account", fields=ACCOUNT) == {"external_ref", "as_of"}


def test_the_rows_of_a_version_are_tried_as_long_as_its_sample_is_kept(shanghai, person):
    maker = person("RISK_MANAGER", name="maker")
    sample = keep_sample(name="own", kind="ACCOUNTS", content=CONTENT, file_name="d.csv", actor=maker, at=AT)
    version = make_version(name="own", body=PROFILE, actor=maker, at=AT, sample=sample)

    assert masked_trial(version=version, at=AT).tried.taken == 3

    ProfileSample.objects.all().delete()
    assert masked_trial(version=version, at=AT) is None
