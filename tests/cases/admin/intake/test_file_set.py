"""A set of files is made on the pages by one person, approved by another, and an archive is taken in with it."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from cases.models import Account, Borrower, IntakeFile, IntakeProfileVersion
from tests.factories.profiles import make_profile

CUSTOMERS = """
kind = "BORROWERS"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "no" }
territory = "310000"
name = { column = "name" }
"""
CONTRACTS = """
kind = "ACCOUNTS"
[borrower]
external_ref = { column = "customer" }
[account]
external_ref = { column = "contract" }
product = "CASH"
credit_limit = { column = "limit" }
as_of = { column = "day" }
"""
SET = reverse("admin:cases_intakeprofile_make_set")
FILLED = {
    "name": "core-export",
    "title": "Nightly export",
    "source": "core",
    "pattern_1": "customers*.csv",
    "profile_1": "customers",
    "pattern_2": "contracts*.csv",
    "profile_2": "contracts",
}


@pytest.fixture
def maker(person: Any) -> Any:
    make_profile(name="customers", kind="BORROWERS", body=CUSTOMERS)
    make_profile(name="contracts", kind="ACCOUNTS", body=CONTRACTS)
    return person("RISK_MANAGER", name="maker")


@pytest.fixture
def approver(person: Any) -> Any:
    return person("APPROVER", name="second", all_territories=True)


def archive() -> SimpleUploadedFile:
    made = BytesIO()
    with ZipFile(made, "w") as packed:
        packed.writestr("contracts_1.csv", "contract,customer,limit,day\nL1,P1,1000,2026-03-01\n")
        packed.writestr("customers_1.csv", "no,name\nP1,张小三\n")
    return SimpleUploadedFile("export.zip", made.getvalue())


def page_of(version: IntakeProfileVersion) -> str:
    return reverse("admin:cases_intakeprofileversion_change", args=[version.pk])


def take(client: Any, profile: str, *, dry_run: bool) -> Any:
    given = {"profile": profile, "file": archive(), "mode": ""} | ({"dry_run": "on"} if dry_run else {})
    return client.post(reverse("admin:cases_intakefile_take_in"), given, follow=True)


def test_a_set_is_made_approved_and_used(client, maker, approver):
    client.force_login(maker)

    made = client.post(SET, FILLED)

    version = IntakeProfileVersion.objects.get(profile__name="core-export")
    assert made.url == page_of(version)
    page = client.get(made.url).content.decode()
    assert "customers*.csv" in page
    assert 'href="' + SET + f"?version={version.pk}" in page
    refused = take(client, "core-export", dry_run=True)
    assert refused.context["form"].errors["profile"]  # only name@number may be tried before the approval
    client.force_login(approver)
    client.post(reverse("admin:cases_intakeprofileversion_approve", args=[version.pk]), {"_form_submitted": "1"})
    version.refresh_from_db()
    assert version.state == "ACTIVE"
    client.force_login(maker)

    take(client, "core-export", dry_run=False)

    assert list(IntakeFile.objects.order_by("pk").values_list("file_name", "profile_name", "created_count")) == [
        ("customers_1.csv", "customers", 1),
        ("contracts_1.csv", "contracts", 1),
    ]
    assert list(Account.objects.values_list("external_ref", "source")) == [("L1", "core")]
    assert Borrower.objects.get().territory.code == "310000"


def test_a_version_of_a_set_can_be_tried_and_changed(client, maker, approver):
    client.force_login(maker)
    client.post(SET, FILLED)
    first = IntakeProfileVersion.objects.get(profile__name="core-export")

    tried = take(client, "core-export@1", dry_run=True)
    form = client.get(f"{SET}?version={first.pk}").context["form"]

    # In a dry run the customers are taken back before the contracts come: theirs are rejected.
    assert "customers_1.csv" in tried.content.decode()
    assert not Borrower.objects.exists()
    assert {key: value for key, value in form.initial.items() if value} == FILLED
    client.force_login(approver)
    client.post(reverse("admin:cases_intakeprofileversion_approve", args=[first.pk]), {"_form_submitted": "1"})
    client.force_login(maker)
    client.post(SET, FILLED | {"optional_2": "on"})
    second = IntakeProfileVersion.objects.get(profile__name="core-export", number=2)
    page = client.get(page_of(second)).context["page"]
    assert [part["optional"] for part in page["parts"]] == [False, True]
    assert [part["optional"] for part in page["parts_before"]] == [False, False]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"profile_2": ""}, "profile_2"),
        ({"pattern_1": ""}, "pattern_1"),
        ({"pattern_1": "", "profile_1": "", "pattern_2": "", "profile_2": ""}, "pattern_1"),
        ({"name": "customers"}, "name"),
    ],
)
def test_what_is_missing_is_said_at_its_field(client, maker, changes, field):
    client.force_login(maker)

    answer = client.post(SET, FILLED | changes)

    assert list(answer.context["form"].errors) == [field]
    assert not IntakeProfileVersion.objects.filter(profile__kind="SET").exists()


def test_a_set_says_when_a_profile_that_it_names_is_gone(client, maker):
    client.force_login(maker)
    client.post(SET, FILLED)
    version = IntakeProfileVersion.objects.get(profile__name="core-export")
    IntakeProfileVersion.objects.filter(profile__name="contracts").update(state="RETIRED")

    page = client.get(page_of(version)).context["page"]

    assert "contracts" in page["problem"]
    assert client.get(f"{SET}?version={version.pk}").status_code == 200


def test_only_who_makes_profiles_makes_sets(client, officer):
    client.force_login(officer)

    assert client.get(SET).status_code == 403
