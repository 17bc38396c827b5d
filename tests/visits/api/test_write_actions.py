"""A visit through the REST doors, as an agency's people and program make it."""

import errno
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from backoffice.access.models import User
from backoffice.core.sealed import kept_files
from tests.backoffice.core.rest.test_api import machine
from tests.factories.requests import every_column, outcome, post, signed_in
from tests.factories.visits import (
    AT,
    HOME,
    VISIT_AT,
    draft,
    make_agency,
    make_case,
    make_coordinator,
    make_member,
    make_order,
    make_placement,
    photos,
)
from visits.api import agencies, doorstep
from visits.models import Evidence, HouseholdVisit, Placement, VisitOrder, VisitReport


@pytest.fixture
def agency(shanghai: Any) -> Any:
    return make_agency(territory=shanghai)


@pytest.fixture
def pair(agency: Any) -> Any:
    return make_member(agency=agency), make_member(agency=agency)


@pytest.fixture
def order(shanghai: Any, agency: Any, pair: Any, approver: Any) -> VisitOrder:
    case = make_case(territory=shanghai)
    return make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="SCHEDULED", approver=approver, pair=pair
    )


def here(at: datetime, ref: str) -> dict[str, Any]:
    return {
        "external_ref": ref,
        "latitude": HOME[0],
        "longitude": HOME[1],
        "accuracy_m": 12,
        "device_at": at.isoformat(),
    }


def report_body(**fields: Any) -> dict[str, Any]:
    body = asdict(draft(**fields))
    for section in body["sections"]:
        section["confidence"] = str(section["confidence"])
    for moment in ("contact_started_at", "contact_ended_at"):
        body[moment] = body[moment].isoformat()
    return {name: value for name, value in body.items() if value not in (None, ())}


def upload(user: Any, report_id: int, media: Any, content: bytes, at: datetime, **headers: str) -> Any:
    client = Client() if headers else signed_in(user)
    # An answer of 5xx is an answer to look at.
    client.raise_request_exception = False
    form = {
        "file": SimpleUploadedFile("door.jpg", content, content_type="image/jpeg"),
        "kind": media.kind,
        "external_ref": media.ref,
        "device_at": at.isoformat(),
    }
    return client.post(f"/api/v1/visit-reports/{report_id}/evidence/", form, headers=headers)


def test_a_visit_by_coordinator_and_crew(order: VisitOrder, agency: Any, pair: Any) -> None:
    lead, second = pair
    door = f"/api/v1/visit-orders/{order.pk}"
    pictures = photos(taken_at=VISIT_AT + timedelta(minutes=3))
    with time_machine.travel(AT, tick=False):
        accepted = post(make_coordinator(agency=agency), f"{door}/accept/", {})
    with time_machine.travel(VISIT_AT - timedelta(minutes=30), tick=False):
        departed = post(lead.user, f"{door}/depart/", {})
    with time_machine.travel(VISIT_AT, tick=False):
        program = make_coordinator(agency=agency)
        by_login = post(lead.user, f"{door}/check-in/", {"position": here(VISIT_AT, "P-a")})
        first = post(program, f"{door}/check-in/", {"badge": lead.external_ref, "position": here(VISIT_AT, "P-a")})
        badge = {"position": here(VISIT_AT, "P-b"), "badge_evidence_ref": "M-badge"}
        both = post(program, f"{door}/check-in/", badge | {"badge": second.external_ref})
    left_at = VISIT_AT + timedelta(minutes=25)
    with time_machine.travel(left_at, tick=False):
        out_by_login = post(lead.user, f"{door}/check-out/", {"position": here(left_at, "P-c")})
        left = [
            post(program, f"{door}/check-out/", {"badge": m.external_ref, "position": here(left_at, f"P-{m.pk}")})
            for m in pair
        ]
        report = post(lead.user, f"{door}/report/", report_body(media=[media for media, _content in pictures]))
        sent = [upload(lead.user, report.json()["id"], media, content, left_at) for media, content in pictures]

    assert (accepted.json()["state"], departed.json()["state"]) == ("ACCEPTED", "EN_ROUTE")
    # By logins alone one telephone could check in two people.
    assert (by_login.status_code, out_by_login.status_code) == (403, 403)
    assert (first.json()["opened"], both.json()["opened"]) == (False, True), both.json()
    assert [answer.status_code for answer in left] == [200, 200]
    assert report.status_code == 201, report.json()
    assert [answer.status_code for answer in sent] == [201] * 4, [answer.json() for answer in sent]
    assert {(answer.json()["state"], answer.json()["state_label"]) for answer in sent} == {("WAITING", "正在读取")}
    assert Evidence.objects.filter(uploaded_by=lead, state="WAITING", device_at=left_at).count() == 4
    assert VisitOrder.objects.get(pk=order.pk).state == "REPORTED"


def test_orders_of_one_visit_to_a_door_say_so(order: VisitOrder, pair: Any) -> None:
    visit = HouseholdVisit.objects.create(lead=pair[0], second=pair[1], starts_at=order.planned_arrival_at)
    VisitOrder.objects.filter(pk=order.pk).update(household=visit)

    shown = signed_in(pair[0].user).get(f"/api/v1/visit-orders/{order.pk}/").json()

    assert shown["household"] == str(visit.pk)


def test_a_full_disk_answers_507_and_the_same_upload_succeeds_later(
    order: VisitOrder, pair: Any, monkeypatch: Any
) -> None:
    (media, content), *_others = photos()
    VisitOrder.objects.filter(pk=order.pk).update(state="REPORTED")
    report = VisitReport.objects.create(
        order=order,
        external_ref="R-full",
        findings=["F01"],
        recommendation="CLOSE",
        submitted_at=VISIT_AT,
        created_at=VISIT_AT,
        announced_media=[asdict(media)],
    )

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    with time_machine.travel(VISIT_AT, tick=False):
        with monkeypatch.context() as disk:
            disk.setattr(kept_files.os, "fsync", full)
            refused = upload(pair[0].user, report.pk, media, content, VISIT_AT)
        kept = Evidence.objects.count()
        taken = upload(pair[0].user, report.pk, media, content, VISIT_AT)

    assert (refused.status_code, kept, taken.status_code) == (507, 0, 201), refused.json()
    assert refused.json()["errors"][0]["code"] == "storage_full"


def test_agencys_program_accepts_and_declines_only_its_own(order: VisitOrder, agency: Any, shanghai: Any) -> None:
    headers = machine("visits:read", "visits:write")
    stranger = machine("visits:read", "visits:write", name="stranger")
    agency.coordinators.add(User.objects.get(username="machine-core"))
    make_agency(territory=shanghai).coordinators.add(User.objects.get(username="machine-stranger"))
    address = f"/api/v1/visit-orders/{order.pk}/accept/"

    foreign = Client().post(address, {}, content_type="application/json", headers=stranger)
    own = Client().post(address, {}, content_type="application/json", headers=headers)

    assert (foreign.status_code, own.status_code, own.json()["state"]) == (404, 200, "ACCEPTED")


def test_program_of_read_scope_accepts_nothing(order: VisitOrder) -> None:
    headers = machine("visits:read")

    answer = Client().post(
        f"/api/v1/visit-orders/{order.pk}/accept/", {}, content_type="application/json", headers=headers
    )

    assert answer.status_code == 403
    assert VisitOrder.objects.get(pk=order.pk).state == "SCHEDULED"


def test_report_lists_every_problem_with_its_field(order: VisitOrder, agency: Any) -> None:
    VisitOrder.objects.filter(pk=order.pk).update(state="CHECKED_IN")
    body = report_body(attested_by_second=False, recommendation_reason="x") | {
        "took_payment": True,
        "findings": ["F01", "F30"],
    }

    answer = post(make_coordinator(agency=agency), f"/api/v1/visit-orders/{order.pk}/report/", body)

    assert answer.status_code == 400
    problems = {(error["attr"], error["code"]) for error in answer.json()["errors"]}
    assert ("took_payment", "PAYMENT_TAKEN") in problems
    assert len(problems) > 2
    assert VisitReport.objects.count() == 0


def test_returned_placement_is_answered_though_it_left_sight(order: VisitOrder, agency: Any) -> None:
    coordinator = make_coordinator(agency=agency)
    address = f"/api/v1/placements/{order.placement_id}/"

    with time_machine.travel(AT, tick=False):
        returned = post(coordinator, f"{address}return/", {"reason": "no crew there"})

    assert (returned.status_code, returned.json()["state"]) == (200, "RETURNED")
    assert signed_in(coordinator).get(address).status_code == 404


def write_actions(order: VisitOrder) -> list[tuple[str, str, dict[str, Any], Any, str]]:
    """Return (address, action, body, view, state that it needs) of the write actions of a visit."""
    door = f"/api/v1/visit-orders/{order.pk}"
    badge = order.lead.external_ref if order.lead else ""
    orders = doorstep.VisitOrderViewSet
    return [
        (f"{door}/accept/", "accept", {}, orders, "SCHEDULED"),
        (f"{door}/decline/", "decline", {"reason": "no crew"}, orders, "SCHEDULED"),
        (f"{door}/depart/", "depart", {}, orders, "ACCEPTED"),
        (f"{door}/check-in/", "check_in", {"badge": badge, "position": here(VISIT_AT, "P-1")}, orders, "EN_ROUTE"),
        (f"{door}/check-out/", "check_out", {"badge": badge, "position": here(VISIT_AT, "P-1")}, orders, "CHECKED_IN"),
        (f"{door}/abort/", "abort", {"finding": "F40", "reason": "a dog"}, orders, "EN_ROUTE"),
        (
            f"/api/v1/placements/{order.placement_id}/return/",
            "give_back",
            {"reason": "no crew"},
            agencies.PlacementViewSet,
            "SCHEDULED",
        ),
    ]


def test_no_write_action_changes_a_column_that_it_does_not_declare(order: VisitOrder, agency: Any) -> None:
    coordinator = make_coordinator(agency=agency)

    for address, action, body, view, state in write_actions(order):
        VisitOrder.objects.filter(pk=order.pk).update(state=state)
        declared = set(getattr(view, action).takes().fields)
        stuffed = every_column(view.model, but_not=declared) | body
        with time_machine.travel(VISIT_AT, tick=False):
            plain = outcome(view.model, lambda a=address, b=body: post(coordinator, a, b))
            attempted = outcome(view.model, lambda a=address, b=stuffed: post(coordinator, a, b))

        assert plain[0] == 200, (address, plain)
        assert len(stuffed) > len(body) + 5
        assert attempted == plain, address
    assert Placement.objects.get().state == "ACTIVE"
