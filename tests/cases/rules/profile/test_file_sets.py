"""A profile of several files: its parts, their order, and the words when something does not fit."""

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from backoffice.core.errors import InvalidInput, Missing
from cases.rules.profile.file_sets import (
    FileSet,
    files_of_parts,
    is_file_set,
    named_parts,
    parse_file_set,
    toml_of_set,
)
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.records import Profile

SET = """
kind = "SET"
title = "Core"
source = "core"
[file]
delimiter = "|"
[[territories]]
code = "310000"
name = "上海"
[[files]]
name = "customers*.csv"
kind = "BORROWERS"
[files.borrower]
external_ref = { column = "no" }
territory = "310000"
[[files]]
name = "repayments*.csv"
kind = "REPAYMENTS"
optional = true
[files.file]
delimiter = ";"
[files.repayment]
external_ref = { column = "no" }
account = { column = "loan" }
amount = { column = "amount" }
paid_on = { column = "day" }
"""


PLAIN = """
kind = "REPAYMENTS"
source = "ledger"
[repayment]
external_ref = { column = "no" }
account = { column = "loan" }
amount = { column = "amount" }
paid_on = { column = "day" }
"""


def named(name: str) -> Profile:
    if name != "payments":
        raise Missing(f"There is no profile {name}.")
    return parse_profile(text=PLAIN, name=name)


def parse(text: str) -> FileSet:
    return parse_file_set(text=text, name="core", profile_named=named)


def test_a_part_may_be_a_profile_of_its_own() -> None:
    own = toml_of_set(title="", source="", parts=[("pay*.csv", "payments", False)])
    of_core = toml_of_set(
        title="", source="core", parts=[("pay*.csv", "payments", False), ("late*.csv", "payments", True)]
    )

    first, second = parse(own).parts, parse(of_core).parts

    assert [(part.pattern, part.optional, part.is_named) for part in second] == [
        ("pay*.csv", False, True),
        ("late*.csv", True, True),
    ]
    assert [part.profile.source for part in (*first, *second)] == ["ledger", "core", "core"]
    assert first[0].profile == named("payments")
    # Rows that came under the profile's own source are read again under that of the set.
    assert second[0].profile.fingerprint not in ("", first[0].profile.fingerprint)


@given(
    title=st.text(max_size=20),
    source=st.text(max_size=20),
    parts=st.lists(
        st.tuples(st.text(min_size=1, max_size=20), st.text(min_size=1, max_size=20), st.booleans()), min_size=1
    ),
)
def test_named_parts_are_read_back(title: str, source: str, parts: list[tuple[str, str, bool]]) -> None:
    text = toml_of_set(title=title, source=source, parts=parts)

    assert named_parts(text=text, name="core") == (title, source, parts)


def test_a_set_with_a_part_of_its_own_has_no_named_parts() -> None:
    assert named_parts(text=SET, name="core") is None


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (f'source = "{"s" * 61}"', "source"),
        ("source = 5", "source"),
        ('identity_numbers = "cn"', "identity_numbers"),
        ("file = { delimiter = ';' }", "file"),
        ("territories = []", "territories"),
    ],
)
def test_what_holds_for_no_part_is_refused(line: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(f'kind = "SET"\n{line}\n[[files]]\nname = "a.csv"\nprofile = "payments"')

    assert refused.value.field == field


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        ('name = "a.csv"\nprofile = "absent"', "files[1].profile"),
        ('name = "a.csv"\nprofile = "payments"\nkind = "REPAYMENTS"', "files[1].kind"),
    ],
)
def test_a_named_part_has_nothing_else(lines: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(f'kind = "SET"\n[[files]]\n{lines}')

    assert refused.value.field == field


def test_parts_share_what_stands_at_the_top() -> None:
    parts = parse(SET).parts

    assert [(part.pattern, part.optional, str(part.profile.kind)) for part in parts] == [
        ("customers*.csv", False, "BORROWERS"),
        ("repayments*.csv", True, "REPAYMENTS"),
    ]
    assert [part.profile.file.delimiter for part in parts] == ["|", ";"]
    assert [part.profile.source for part in parts] == ["core", "core"]
    assert parts[0].profile.territories[0].code == "310000"
    assert parts[0].profile.fingerprint != parts[1].profile.fingerprint


def test_files_come_in_the_order_of_the_parts() -> None:
    file_set = parse(SET)

    pairs = files_of_parts(file_set=file_set, names=["repayments.csv", "Customers_2.CSV", "customers_1.csv"])

    assert [name for _part, name in pairs] == ["Customers_2.CSV", "customers_1.csv", "repayments.csv"]
    assert [name for _part, name in files_of_parts(file_set=file_set, names=["customers.csv"])] == ["customers.csv"]


@pytest.mark.parametrize(
    ("names", "words"),
    [(["repayments.csv"], "There is no file customers*.csv"), (["customers.csv", "x.csv"], "these files: x.csv")],
)
def test_files_that_do_not_fit_are_named(names: list[str], words: str) -> None:
    with override("en"), pytest.raises(InvalidInput, match=words.replace("*", r"\*")):
        files_of_parts(file_set=parse(SET), names=names)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('name = "customers*.csv"', 'name = ""', "files[1].name"),
        ('kind = "BORROWERS"', 'kind = "SET"', "files[1].kind"),
        ("optional = true", 'optional = "perhaps"', "files[2].optional"),
        ('paid_on = { column = "day" }', "", "files[2].repayment.paid_on"),
        ('title = "Core"', 'colour = "red"', "colour"),
        ('kind = "SET"\n', 'kind = "ACCOUNTS"\n', "kind"),
    ],
)
def test_a_fault_names_its_part_and_key(old: str, new: str, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse(SET.replace(old, new, 1))

    assert refused.value.field == field


def test_is_file_set_looks_at_the_kind() -> None:
    assert is_file_set(text=SET, name="core")
    assert not is_file_set(text='kind = "ACCOUNTS"', name="core")
