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
        (profile_text().replace('territory = "TW"\n', ""), "borrower.territory"),
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
