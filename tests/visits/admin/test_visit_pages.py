"""Visits, reports and evidence in the admin: each step by its role, private files, and the least for outside firms."""

import json
import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from backoffice.audit.models import AccessEntry
from backoffice.core.sealed.kept_files import FileAltered, keep
from cases.models import Case, PolicyVersion
from tests.factories.portfolio import make_address, make_overdue
from tests.factories.visits import VISIT_AT, make_attempts, make_case, make_order, make_placement, make_version
from tests.factories.world import CANARY_ID, CANARY_LINE, CANARY_PHONE, CANARY_SAID, make_world
from visits.models import HouseholdVisit, Placement, VisitOrder

SUBMIT = {"_form_submitted": "on"}


@pytest.fixture
def author(person: Any) -> Any:
    return person("CASE_OFFICER", name="author")


@pytest.fixture
def second(person: Any) -> Any:
    return person("APPROVER", name="second")


@pytest.fixture
def make(shanghai: Any, author: Any, second: Any) -> Any:
    def world(order_state: str, territory: Any = shanghai) -> Any:
        return make_world(territory=territory, author=author, approver=second, order_state=order_state)

    return world


def step(name: str, pk: Any, model: str = "visitorder") -> str:
    return reverse(f"admin:visits_{model}_{name}", args=[pk])


@pytest.mark.parametrize(
    ("state", "button", "role", "target"),
    [
        ("DRAFT", "approve", "APPROVER", "APPROVED"),
        ("SCHEDULED", "accept", "coordinator", "ACCEPTED"),
        ("REPORTED", "begin_review", "REVIEWER", "UNDER_REVIEW"),
    ],
)
def test_a_step_of_a_visit_by_its_button(state, button, role, target, client, person, make):
    world = make(state)
    order = world["visits.visitorder"]
    client.force_login(world.coordinator if role == "coordinator" else person(role, name="visitor"))
    page = client.get(reverse("admin:visits_visitorder_change", args=[order.pk])).content.decode()

    assert step(button, order.pk) in page
    assert client.post(step(button, order.pk), SUBMIT).status_code == 302

    order.refresh_from_db()
    assert order.state == target


@pytest.mark.parametrize(
    ("state", "button", "role", "values"),
    [
        ("SCHEDULED", "decline", "coordinator", {"reason": "no crew"}),
        ("SCHEDULED", "unschedule", "DISPATCHER", {"reason": "other day"}),
        ("APPROVED", "cancel", "DISPATCHER", {"reason": "NOT_NEEDED", "note": "paid"}),
    ],
)
def test_a_step_with_a_reason(state, button, role, values, client, person, make):
    world = make(state)
    order = world["visits.visitorder"]
    client.force_login(world.coordinator if role == "coordinator" else person(role, name="visitor"))

    without = client.post(step(button, order.pk), SUBMIT)
    assert "reason" in without.context["form"].errors
    order.refresh_from_db()
    assert order.state == state
    assert client.post(step(button, order.pk), SUBMIT | values).status_code == 302

    order.refresh_from_db()
    assert order.state == ("CANCELLED" if button == "cancel" else "APPROVED")


def test_buttons_follow_the_state_of_the_order(client, dispatcher, make):
    order = make("UNDER_REVIEW")["visits.visitorder"]
    client.force_login(dispatcher)

    page = client.get(reverse("admin:visits_visitorder_change", args=[order.pk])).content.decode()

    shown = [
        name
        for name in ("approve", "assign_crew", "issue_letter", "unschedule", "cancel")
        if step(name, order.pk) in page
    ]
    assert shown == []


def test_visit_is_requested_for_a_case_in_sight_only(client, officer, make, shanghai, chengdu):
    foreign = make("DRAFT", chengdu)
    client.force_login(officer)
    assert client.get(reverse("admin:visits_visitorder_request", args=[foreign["cases.case"].pk])).status_code == 404

    home = make("VERIFIED")
    case = home["cases.case"]
    Case.objects.filter(pk=case.pk).update(stage="IN_WORK")
    address = case.borrower.addresses.get()
    foreign_address = foreign["cases.borrower"].addresses.get()
    at = reverse("admin:visits_visitorder_request", args=[case.pk])
    text = client.get(at).content.decode()
    assert CANARY_LINE not in text

    refused = client.post(at, {"address": foreign_address.pk, "purposes": ["VERIFY_IDENTITY"], "reason": "no answer"})
    assert "address" in refused.context["form"].errors
    answered = client.post(at, {"address": address.pk, "purposes": ["VERIFY_IDENTITY"], "reason": "no answer"})

    # Whether the visit is lawful is the service's matter: either the order is there, or the page says why not.
    made = VisitOrder.objects.filter(case=case, state="DRAFT").count()
    assert (answered.status_code, made) == (302, 1) or answered.context["form"].errors


def test_case_is_placed_from_its_page(client, dispatcher, auditor, make, shanghai):
    agency = make("DRAFT")["visits.agency"]
    account = make_overdue(territory=shanghai)
    make_address(borrower=account.borrower)
    from tests.factories.casework import make_case

    case = make_case(account=account)
    make_attempts(borrower=account.borrower, at=timezone.now())
    type(agency).objects.filter(pk=agency.pk).update(
        admitted_on=timezone.localdate(), contract_ends_on=timezone.localdate() + timedelta(days=200)
    )
    at = reverse("admin:visits_placement_place", args=[case.pk])
    client.force_login(auditor)
    assert client.get(at).status_code == 403
    client.force_login(dispatcher)

    response = client.post(at, {"agency": agency.pk})

    assert response.status_code == 302
    placed = Placement.objects.get(case=case)
    assert (placed.agency, placed.placed_by) == (agency, dispatcher)


def test_agency_returns_a_case_and_loses_sight_of_it(client, make):
    world = make("SCHEDULED")
    placement = world["visits.placement"]
    client.force_login(world.coordinator)

    response = client.post(
        step("return_case", placement.pk, "placement"),
        SUBMIT | {"reason": "no capacity"},
        headers={"HX-Request": "true"},
    )

    assert response.headers["HX-Redirect"] == reverse("admin:visits_placement_changelist")
    assert (
        client.get(reverse("admin:visits_visitorder_change", args=[world["visits.visitorder"].pk])).status_code == 302
    )


@pytest.mark.parametrize("who", ["coordinator", "crew"])
def test_outside_people_see_the_least(who, client, make):
    world = make("ACCEPTED")
    order = world["visits.visitorder"]
    client.force_login(getattr(world, who))
    client.cookies["django_language"] = "en"

    for address in (
        reverse("admin:visits_visitorder_changelist"),
        reverse("admin:visits_visitorder_change", args=[order.pk]),
    ):
        text = client.get(address).content.decode()
        hidden = [
            "32,000",
            "32000",
            "no answer",
            "/admin/cases/",
            CANARY_ID[-6:],
            CANARY_PHONE[-6:],
            CANARY_LINE,
            str(world["cases.case"]),
            world["cases.borrower"].external_ref,
            world["cases.account"].external_ref,
        ]
        assert [word for word in hidden if word in text] == [], address


def test_crew_sees_the_address_once_and_it_is_logged(client, make):
    world = make("ACCEPTED")
    order = world["visits.visitorder"]
    client.force_login(world.crew)

    response = client.post(step("show_address", order.pk), SUBMIT)

    assert CANARY_LINE in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert AccessEntry.objects.filter(actor_id=world.crew.pk).count() == 1


def test_letter_is_handed_out_to_those_who_see_the_order(client, dispatcher, make, chengdu):
    world, foreign = make("SCHEDULED"), make("SCHEDULED", chengdu)
    letter = b"%PDF-1.7 letter"
    for each in (world, foreign):
        order = each["visits.visitorder"]
        order.letter_file.name, order.letter_sha256 = (
            keep(name="letters/1.pdf", content=letter),
            sha256(letter).hexdigest(),
        )
        order.save(update_fields=["letter_file", "letter_sha256"])
    client.force_login(dispatcher)

    response = client.get(step("letter", world["visits.visitorder"].pk))

    assert b"".join(response.streaming_content) == b"%PDF-1.7 letter"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in response.headers["Cache-Control"]
    assert AccessEntry.objects.get().subject_id == str(world["visits.visitorder"].pk)
    assert client.get(step("letter", foreign["visits.visitorder"].pk)).status_code == 404
    client.force_login(foreign.coordinator)
    assert client.get(step("letter", world["visits.visitorder"].pk)).status_code == 404


def test_evidence_is_served_through_checked_views_only(client, reviewer, administrator, make, chengdu):
    world, foreign = make("UNDER_REVIEW"), make("UNDER_REVIEW", chengdu)
    evidence = world["visits.evidence"]
    client.force_login(reviewer)

    small = client.get(step("preview", evidence.pk, "evidence"))
    whole = client.get(step("file", evidence.pk, "evidence"))

    assert b"".join(whole.streaming_content)[:2] == b"\xff\xd8"
    assert small.headers["Content-Type"] == "image/jpeg"
    assert b"Exif" not in small.content
    assert whole.headers["Content-Disposition"].startswith("attachment")
    for response in (small, whole):
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "no-store" in response.headers["Cache-Control"]
    assert AccessEntry.objects.get().fields == ["file"]
    for view in ("preview", "file"):
        assert client.get(step(view, foreign["visits.evidence"].pk, "evidence")).status_code == 404
    client.force_login(administrator)
    assert client.get(step("preview", evidence.pk, "evidence")).status_code == 404


def test_a_swapped_file_is_refused_with_words_and_found_by_its_filter(client, reviewer, make):
    world = make("UNDER_REVIEW")
    evidence = world["visits.evidence"]
    client.force_login(reviewer)
    for name in (evidence.file.name, evidence.preview_name):
        at_rest = Path(default_storage.path(name))
        at_rest.chmod(0o600)
        at_rest.write_bytes(b"another file")
    listed = reverse("admin:visits_evidence_changelist") + "?file_problem__exact=ALTERED"
    before = client.get(listed).content.decode()

    whole = client.get(step("file", evidence.pk, "evidence"), follow=True)
    small = client.get(step("preview", evidence.pk, "evidence"))

    evidence.refresh_from_db()
    assert [str(each) for each in whole.context["messages"]] == [str(FileAltered.message)]
    assert (small.status_code, evidence.file_problem, AccessEntry.objects.count()) == (404, "ALTERED", 0)
    assert (evidence.external_ref in before, evidence.external_ref in client.get(listed).content.decode()) == (
        False,
        True,
    )


def test_report_page_shows_sections_evidence_and_check_ins(client, reviewer, make):
    report = make("UNDER_REVIEW")["visits.visitreport"]
    client.force_login(reviewer)
    client.cookies["django_language"] = "en"

    text = client.get(reverse("admin:visits_visitreport_change", args=[report.pk])).content.decode()

    for expected in ("Confirmed", "card seen", "Identity card", "+20 Taken at the address", "13 m from the address"):
        assert expected in text, expected
    assert CANARY_SAID not in text


@pytest.mark.parametrize(
    ("state", "words", "pictured"),
    [("WAITING", "Being read", False), ("READ", "Read", True), ("UNREADABLE", "Cannot be read", False)],
)
def test_pages_tell_the_state_of_a_photograph_and_show_no_picture_that_is_not_there(
    state, words, pictured, client, reviewer, make
):
    world = make("UNDER_REVIEW")
    evidence = world["visits.evidence"]
    read_at = None if state == "WAITING" else evidence.read_at
    type(evidence).objects.filter(pk=evidence.pk).update(state=state, read_at=read_at)
    client.force_login(reviewer)
    client.cookies["django_language"] = "en"
    preview = step("preview", evidence.pk, "evidence")

    for page in (
        step("change", world["visits.visitreport"].pk, "visitreport"),
        step("change", evidence.pk, "evidence"),
        reverse("admin:visits_evidence_changelist"),
    ):
        text = client.get(page).content.decode()
        assert re.search(rf">\s*{words}\s*<", text), page
        assert ("70 / 100" in text) is pictured, page
        assert (preview in text) is (pictured and "changelist" not in page and page.endswith("/change/")), page
    assert client.get(preview).status_code == (200 if pictured else 404)


def test_a_report_is_not_accepted_while_a_photograph_is_being_read(client, reviewer, make):
    world = make("UNDER_REVIEW")
    evidence, report = world["visits.evidence"], world["visits.visitreport"]
    type(evidence).objects.filter(pk=evidence.pk).update(state="WAITING", read_at=None)
    client.force_login(reviewer)
    accept = step("accept_report", report.pk, "visitreport")
    values = SUBMIT | {"quality_score": "92", "note": "fits"}

    words = []
    for language in ("en", "zh-hans"):
        client.cookies["django_language"] = language
        words.append(client.post(accept, values, follow=True).content.decode())

    assert "Photographs that are still being read: 1." in words[0]
    assert "仍在读取的照片：1 张" in words[1]
    world["visits.visitorder"].refresh_from_db()
    assert world["visits.visitorder"].state == "UNDER_REVIEW"


def test_reviewer_reads_what_was_said_for_a_purpose(client, reviewer, make):
    report = make("UNDER_REVIEW")["visits.visitreport"]
    client.force_login(reviewer)

    response = client.post(step("read_statement", report.pk, "visitreport"), SUBMIT | {"purpose": "REVIEW"})

    assert CANARY_SAID in response.content.decode()
    assert "no-store" in response.headers["Cache-Control"]
    assert AccessEntry.objects.get().fields == ["statement"]


def test_reviewer_sees_what_was_found_in_the_texts_and_reads_them_for_a_purpose(client, reviewer, make):
    report = make("UNDER_REVIEW")["visits.visitreport"]
    report.text_marks = {"observations": {"TELEPHONE": 1}, "note IDENTITY": {"NAME": 2}}
    report.marked_texts = json.dumps({"observations": f"call {CANARY_PHONE}"})
    report.save()
    client.force_login(reviewer)

    client.cookies["django_language"] = "en"
    page = client.get(reverse("admin:visits_visitreport_change", args=[report.pk])).content.decode()
    read = client.post(step("read_statement", report.pk, "visitreport"), SUBMIT | {"purpose": "REVIEW"})

    assert "Observations: Telephone number (1)" in page
    assert "Identity: note: Name of a third person (2)" in page
    assert CANARY_PHONE not in page
    assert f"call {CANARY_PHONE}" in read.content.decode()
    assert AccessEntry.objects.get().fields == ["statement", "marked_texts"]


def test_reviewer_returns_a_report(client, reviewer, make):
    world = make("UNDER_REVIEW")
    report = world["visits.visitreport"]
    client.force_login(reviewer)

    response = client.post(
        step("return_report", report.pk, "visitreport"), SUBMIT | {"quality_score": "40", "note": "no door plate"}
    )

    assert response.status_code == 302
    world["visits.visitorder"].refresh_from_db()
    assert world["visits.visitorder"].state == "RETURNED"
    assert report.review.reviewed_by == reviewer


def test_review_buttons_show_for_reviewers_while_it_is_under_review(client, reviewer, auditor, make):
    report = make("UNDER_REVIEW")["visits.visitreport"]
    page = reverse("admin:visits_visitreport_change", args=[report.pk])
    button = step("accept_report", report.pk, "visitreport")

    client.force_login(reviewer)
    assert button in client.get(page).content.decode()
    client.force_login(auditor)
    assert button not in client.get(page).content.decode()
    type(report.order).objects.filter(pk=report.order_id).update(state="VERIFIED")
    client.force_login(reviewer)
    assert button not in client.get(page).content.decode()


def test_dispatcher_plans_a_day_for_the_selected_visits(client, dispatcher, auditor, make):
    world = make("APPROVED")
    order = world["visits.visitorder"]
    chosen = {"action": "plan_selected", "_selected_action": [order.pk]}
    where = reverse("admin:visits_visitorder_changelist")
    members = list(world["visits.agency"].crew.values_list("pk", flat=True))
    client.force_login(auditor)
    client.post(where, chosen | {"confirmed": "yes", "day": "2026-03-04", "members": members})
    order.refresh_from_db()
    assert order.state == "APPROVED"
    client.force_login(dispatcher)

    page = client.post(where, chosen)
    assert [row.pk for row in page.context["rows"]] == [order.pk]
    assert list(page.context["form"].fields["members"].queryset.values_list("pk", flat=True)) == members
    incomplete = client.post(where, chosen | {"confirmed": "yes", "members": members})
    assert "day" in incomplete.context["form"].errors

    # Whether the day is lawful is the service's matter: it is planned, or stays approved and the list says so.
    done = client.post(
        where,
        chosen
        | {"confirmed": "yes", "day": (timezone.localdate() + timedelta(days=2)).isoformat(), "members": members},
    )
    order.refresh_from_db()
    assert done.status_code == 302 or done.context["form"].errors
    assert order.state in ("SCHEDULED", "APPROVED")


@pytest.fixture
def household(shanghai, agency, pair, approver):
    """Two planned orders and one to be planned, of people of one door with names of their own."""
    visit = HouseholdVisit.objects.create(lead=pair[0], second=pair[1], starts_at=VISIT_AT)
    policy = make_version().policy
    version = PolicyVersion.objects.create(
        policy=policy, number=2, body={"rules": []}, state="RETIRED", created_at=VISIT_AT, updated_at=VISIT_AT
    )
    orders = []
    for name, state in (("张三丰", "SCHEDULED"), ("李四光", "SCHEDULED"), ("王五岳", "APPROVED")):
        case = make_case(territory=shanghai)
        # Its rules have titles, which the page shows.
        Case.objects.filter(pk=case.pk).update(policy_version=version)
        case.borrower.name = name
        case.borrower.save()
        fields = {"pair": pair, "household": visit} if state == "SCHEDULED" else {}
        placement = make_placement(case=case, agency=agency)
        order = make_order(case=case, placement=placement, state=state, approver=approver, **fields)
        order.address.line = "示范路7号1栋301室"
        order.address.save()
        orders.append(order)
    return orders


def test_an_order_and_its_case_say_with_how_many_others_of_the_door_it_is_one_visit(client, household, dispatcher):
    first, second, _late = household
    client.force_login(dispatcher)
    pages = [
        client.get(address, HTTP_ACCEPT_LANGUAGE="en").content.decode()
        for address in (
            reverse("admin:visits_visitorder_change", args=[first.pk]),
            reverse("admin:cases_case_change", args=[first.case_id]),
        )
    ]

    assert all("One visit with 1 other order of this door" in page for page in pages)
    assert reverse("admin:visits_visitorder_change", args=[second.pk]) in pages[0]
    # Orders are named, people are not.
    assert not any(second.case.borrower.masked_name in page for page in pages)
    chinese = client.get(reverse("admin:visits_visitorder_change", args=[first.pk]), HTTP_ACCEPT_LANGUAGE="zh-hans")
    assert "与此门户另外 1 张外访单同户外访" in chinese.content.decode()


def test_who_may_not_see_the_other_orders_reads_nothing_of_them(client, household, chengdu, dispatcher):
    first, second, _late = household
    Case.objects.filter(pk=second.case_id).update(territory=chengdu)
    client.force_login(dispatcher)

    page = client.get(reverse("admin:visits_visitorder_change", args=[first.pk]), HTTP_ACCEPT_LANGUAGE="en")

    assert "One visit with" not in page.content.decode()
    assert str(second) not in page.content.decode()


def test_assigning_a_crew_offers_the_visit_that_is_planned_at_the_door(client, household, pair, dispatcher):
    late = household[2]
    client.force_login(dispatcher)
    with time_machine.travel(VISIT_AT - timedelta(hours=24), tick=False):
        page = client.get(step("assign_crew", late.pk), HTTP_ACCEPT_LANGUAGE="en")
    with time_machine.travel(VISIT_AT - timedelta(hours=23), tick=False):
        too_late = client.get(step("assign_crew", late.pk), HTTP_ACCEPT_LANGUAGE="en")

    form = page.context["form"]
    assert {name: form.initial.get(name) for name in ("lead", "second", "starts_at")} == {
        "lead": pair[0].pk,
        "second": pair[1].pk,
        "starts_at": VISIT_AT,
    }
    assert "one visit for all of them" in page.content.decode()
    assert "starts_at" not in too_late.context["form"].initial
    assert "one visit for all of them" not in too_late.content.decode()
