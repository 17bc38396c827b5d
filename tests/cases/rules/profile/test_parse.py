"""What the profile language can express, and what it refuses."""

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.rules.profile.parse import check_header, parse_profile
from tests.cases.rules.profile.profile_texts import profile_text


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("kind = ", "test"),
        ('kind = "PEOPLE"', "kind"),
        (profile_text(top="speed = 1"), "speed"),
        (profile_text(account='height = { column = "h" }'), "account.height"),
        (profile_text(account='segment = { colum = "h" }'), "account.segment.colum"),
        (profile_text(account='segment = { column = "h", as = "guess" }'), "account.segment.as"),
        (profile_text(account='segment = { column = "h", template = "{h}" }'), "account.segment"),
        (profile_text(account='segment = { template = "{h!r}" }'), "account.segment.template"),
        (profile_text(account='segment = { column = "h", pattern = "(" }'), "account.segment.pattern"),
        (profile_text(account='status = "GONE"'), "account.status"),
        (profile_text(account='arrears_amount = { derive = "guess" }'), "account.arrears_amount.derive"),
        (profile_text(account="arrears_amount = nan"), "account.arrears_amount"),
        (profile_text(top='[file]\nencodings = ["klingon"]'), "file.encodings"),
        (profile_text(top='[file]\ntime_zone = "../etc"'), "file.time_zone"),
        (profile_text(top='[file]\ndelimiter = ";;"'), "file.delimiter"),
        (profile_text(top="[file]\ntotal_rows = 1"), "file.total_rows"),
        (profile_text(top='[file]\nskip_lines = "some"'), "file.skip_lines"),
        (profile_text(top="[file]\nskip_lines = true"), "file.skip_lines"),
        (profile_text(top='[file]\nexponents = "perhaps"'), "file.exponents"),
        (profile_text(top="updates_only = 1"), "updates_only"),
        (profile_text(account='opened_on = { column = "h", formats = ["yyyy-mm-dd"] }'), "account.opened_on.formats"),
        (
            profile_text(top="updates_only = true").replace("[borrower]", "[borrower]\nname = 'x'"),
            "borrower.external_ref",
        ),
    ],
)
def test_parse_profile_names_the_wrong_key(text: str, key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_profile(text=text, name="test")

    assert caught.value.field in (key, "borrower.name") if key.startswith("borrower.ext") else caught.value.field == key


@pytest.mark.parametrize("trait", ["sex", "education", "marriage", "age", "religion"])
@pytest.mark.parametrize("section", ["borrower", "account"])
def test_parse_profile_has_no_place_for_protected_traits(trait: str, section: str) -> None:
    text = profile_text().replace(f"[{section}]", f'[{section}]\n{trait} = {{ column = "X2" }}')

    with override("en"), pytest.raises(InvalidInput, match="never taken in"):
        parse_profile(text=text, name="test")


def test_check_header_names_key_column_and_similar_ones() -> None:
    profile = parse_profile(text=profile_text(account='segment = { column = "segment" }'), name="test")

    with (
        override("en"),
        pytest.raises(InvalidInput, match=r"account.segment: the file has no column 'segment'.*'segmnt'"),
    ):
        check_header(profile=profile, header=["id", "segmnt", "张三"])
    with pytest.raises(InvalidInput):
        check_header(profile=profile, header=["id", "segment", "segment"])


def test_check_header_tells_no_cell_of_a_file_without_header() -> None:
    profile = parse_profile(text=profile_text(), name="test")

    with pytest.raises(InvalidInput) as caught:
        check_header(profile=profile, header=["张小三", "99999919850101123X"])

    assert "张小三" not in str(caught.value)
    assert "99999919850101123X" not in str(caught.value)


def test_numbers_and_truth_of_a_profile_may_be_written_as_texts() -> None:
    profile = parse_profile(
        text=profile_text(top='updates_only = "false"\n[file]\nskip_lines = "2"\nexponents = "yes"'), name="test"
    )

    assert (profile.updates_only, profile.file.skip_lines) == (False, 2)
    assert profile.blocks[1].mappings["credit_limit"].conversion.exponents is True


def test_check_header_names_the_row_and_every_missing_column() -> None:
    profile = parse_profile(
        text=profile_text(account='segment = { column = "segment" }\ncurrency = { column = "money" }'), name="test"
    )

    with override("en"), pytest.raises(InvalidInput) as caught:
        check_header(profile=profile, header=["id", "segmnt"], row=3)

    assert str(caught.value) == (
        "Profile, account.segment: the file has no column 'segment', 'money'. Similar columns: 'segmnt'. Row 3 was taken"
        " as the header. If another row is, write file.skip_lines; if none is, file.columns; or correct the profile."
    )
