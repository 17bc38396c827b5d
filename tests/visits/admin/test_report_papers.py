"""Papers on the page of a report: stated, read and found side by side, masked; in clear once for a purpose."""

from typing import Any

import pytest
import time_machine
from django.urls import reverse

from backoffice.audit.models import AccessEntry
from tests.factories.papers import make_paper
from tests.factories.visits import VISIT_AT
from tests.factories.world import CANARIES, CANARY_ID, CANARY_LINE, CANARY_NAME, make_world
from visits.models import ReportSection

READ = {"_form_submitted": "on", "purpose": "REVIEW"}


@pytest.fixture
def world(shanghai: Any, person: Any) -> Any:
    return make_world(
        territory=shanghai, author=person("CASE_OFFICER", name="author"), approver=person("APPROVER", name="approver2")
    )


def page_of(report: Any) -> str:
    return reverse("admin:visits_visitreport_change", args=[report.pk])


def button_of(report: Any) -> str:
    return reverse("admin:visits_visitreport_read_papers", args=[report.pk])


def shown(client: Any, report: Any) -> str:
    client.cookies["django_language"] = "en"
    text: str = client.get(page_of(report)).content.decode()
    return text


def test_the_reviewer_sees_each_field_beside_what_the_lender_states(client: Any, reviewer: Any, world: Any) -> None:
    report = world["visits.visitreport"]
    client.force_login(reviewer)

    text = shown(client, report)

    for expected in (
        "Stated by the lender",
        "Read by the crew",
        "Checked by the rules",
        "**************7770",
        "As stated.",
        "Rests on a paper that was read and checked.",
        "counts as proof",
    ):
        assert expected in text, expected
    assert not any(canary in text for canary in CANARIES)


def test_a_section_that_cannot_be_established_says_so_before_the_verdict(
    client: Any, reviewer: Any, world: Any
) -> None:
    report = world["visits.visitreport"]
    section = ReportSection.objects.create(report=report, section="CAPACITY", verdict="ABLE", confidence="0.9")
    make_paper(section=section, kind="BANK_STATEMENT", name=CANARY_NAME, closing="1.00")
    client.force_login(reviewer)

    text = shown(client, report)

    for expected in (
        "Could not be established",
        "Its papers were not read, are in doubt, differ or are out of date.",
        "this section is written as not established",
        "The amounts do not add up to the closing balance; look for missing pages.",
        "proves nothing",
    ):
        assert expected in text, expected
    assert "8000.00" not in text


def test_people_of_outside_firms_see_nothing_of_what_the_lender_knows_or_finds(client: Any, world: Any) -> None:
    report = world["visits.visitreport"]
    client.force_login(world.coordinator)

    text = shown(client, report)

    assert "Identity card" in text
    for hidden in ("Stated by the lender", "7770", "As stated.", "counts as proof", "Rests on", button_of(report)):
        assert hidden not in text, hidden


def test_papers_are_read_once_for_a_purpose_and_the_access_names_the_fields(
    client: Any, reviewer: Any, auditor: Any, world: Any
) -> None:
    report = world["visits.visitreport"]
    client.force_login(reviewer)
    assert button_of(report) in shown(client, report)

    read = client.post(button_of(report), READ)

    assert all(value in read.content.decode() for value in (CANARY_NAME, CANARY_ID, CANARY_LINE))
    assert "no-store" in read.headers["Cache-Control"]
    entry = AccessEntry.objects.get()
    assert (entry.subject_id, entry.purpose) == (str(report.pk), "REVIEW")
    assert entry.fields == [
        f"IDENTITY_CARD.{name}" for name in ("name", "id_number", "valid_from", "valid_until", "address")
    ]
    client.force_login(auditor)
    assert client.post(button_of(report), READ).status_code in (302, 403)
    assert AccessEntry.objects.count() == 1


def test_without_a_purpose_nothing_is_shown(client: Any, reviewer: Any, world: Any) -> None:
    client.force_login(reviewer)

    asked = client.post(button_of(world["visits.visitreport"]), {"_form_submitted": "on"})

    assert "purpose" in asked.context["form"].errors
    assert not any(canary in asked.content.decode() for canary in CANARIES)
    assert AccessEntry.objects.count() == 0


def test_there_is_no_button_where_nothing_was_read(client: Any, reviewer: Any, world: Any) -> None:
    report = world["visits.visitreport"]
    section = report.sections.get()
    section.documents.all().delete()
    client.force_login(reviewer)

    assert button_of(report) not in shown(client, report)


@pytest.mark.parametrize("papers", [1, 3])
def test_the_page_costs_the_same_for_one_paper_and_three(
    papers: int, client: Any, reviewer: Any, world: Any, django_assert_num_queries: Any
) -> None:
    report = world["visits.visitreport"]
    for _more in range(papers - 1):
        make_paper(section=report.sections.get(), kind="SOCIAL_SECURITY", name=CANARY_NAME, id_number=CANARY_ID)
    client.force_login(reviewer)
    client.get(page_of(report))

    # Session, person and territories; the report, its newest version, whether it has papers; sections, files, check-ins, and the
    # order with its borrower, papers, sections and files once more for what they support.
    with django_assert_num_queries(20):
        text = client.get(page_of(report)).content.decode()

    assert text.count("ds-table") == papers


def with_income(report: Any) -> None:
    section = ReportSection.objects.create(report=report, section="CAPACITY", verdict="PARTLY_ABLE", confidence="0.9")
    make_paper(section=section, kind="BANK_STATEMENT", name=CANARY_NAME)


# A bank statement is sound for some months only.
@time_machine.travel(VISIT_AT)
def test_income_and_expenses_stand_masked_beside_the_papers_and_in_clear_for_a_purpose(
    client: Any, reviewer: Any, world: Any
) -> None:
    report = world["visits.visitreport"]
    with_income(report)
    client.force_login(reviewer)

    text = shown(client, report)
    read = client.post(button_of(report), READ).content.decode()

    assert text.count("Computed from sound papers") == 1
    for label in ("Income a month", "Expenses a month", "Affordable a month"):
        assert label in text
        assert label in read
    # 70 % of what is left of 8,000 after the 3,200 that were stated.
    figures = ("CNY 8,000.00", "CNY 3,200.00", "CNY 3,360.00")
    assert [figure for figure in figures if figure in text] == []
    assert [figure for figure in figures if figure not in read] == []
    assert AccessEntry.objects.get().fields[-3:] == [
        "MEANS.monthly_income",
        "MEANS.monthly_expenses",
        "MEANS.affordable",
    ]


@time_machine.travel(VISIT_AT)
def test_people_of_outside_firms_see_no_income(client: Any, world: Any) -> None:
    report = world["visits.visitreport"]
    with_income(report)
    client.force_login(world.coordinator)

    text = shown(client, report)

    assert "Bank statement" in text
    assert "Computed from sound papers" not in text


def test_without_a_proven_income_nothing_is_computed(client: Any, reviewer: Any, world: Any) -> None:
    client.force_login(reviewer)

    assert "Computed from sound papers" not in shown(client, world["visits.visitreport"])
