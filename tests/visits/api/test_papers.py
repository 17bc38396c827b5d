"""Papers through REST: fields checked one by one, sealed, masked in answers, and judged for the lender's own people only."""

from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from backoffice.outbox.models import IdempotencyKey
from tests.factories.papers import ID_NUMBER, NAME, fields_of
from tests.factories.requests import signed_in
from tests.factories.visits import VISIT_AT, draft, make_order, photos, position
from visits.models import CheckIn, DocumentSeen, VisitOrder, VisitReport
from visits.rules.report.paper_values import values_of
from visits.services.doorstep.attendance import check_out
from visits.services.doorstep.report_draft import SectionDraft

LEFT, SENT = VISIT_AT + timedelta(minutes=25), VISIT_AT + timedelta(hours=1)


@pytest.fixture
def order(case: Any, placement: Any, pair: Any, approver: Any) -> VisitOrder:
    order = make_order(case=case, placement=placement, state="CHECKED_IN", approver=approver, pair=pair)
    for member in pair:
        CheckIn.objects.create(
            order=order,
            member=member,
            moment="IN",
            external_ref=f"CI{member.pk}",
            point="31.230400,121.473700",
            distance_m=5,
            device_at=VISIT_AT,
            received_at=VISIT_AT,
            happened_at=VISIT_AT,
        )
    for member in pair:
        check_out(order=order, member=member, position=position(at=LEFT), actor=member.user, at=LEFT)
    return order


def body(*documents: dict[str, Any]) -> dict[str, Any]:
    """Return a complete report whose identity section has these papers."""
    filled = (
        SectionDraft(section="IDENTITY", verdict="CONFIRMED", confidence=Decimal("0.90")),
        SectionDraft(section="RESIDENCE", verdict="CONFIRMED", confidence=Decimal("0.90")),
    )
    given = asdict(draft(media=[each for each, _content in photos()], sections=filled))
    for section in given["sections"]:
        section["confidence"] = str(section["confidence"])
    given["sections"][0]["documents"] = documents
    for moment in ("contact_started_at", "contact_ended_at"):
        given[moment] = given[moment].isoformat()
    return {name: value for name, value in given.items() if value not in (None, ())}


def card(**changes: Any) -> dict[str, Any]:
    shown = {"kind": "IDENTITY_CARD", "verdict": "GENUINE_SEEN", "no_copy_reason": "当面核对"}
    return shown | {"fields": fields_of("IDENTITY_CARD", **changes)}


def send(user: Any, order: VisitOrder, given: dict[str, Any]) -> Any:
    headers = {"Idempotency-Key": "paper-1", "Accept-Language": "en"}
    with time_machine.travel(SENT, tick=False):
        return signed_in(user).post(
            f"/api/v1/visit-orders/{order.pk}/report/", given, content_type="application/json", headers=headers
        )


def test_the_crew_reads_its_own_values_masked_and_nothing_of_what_the_lender_knows(
    order: VisitOrder, pair: Any
) -> None:
    answer = send(pair[0].user, order, body(card(name="张大三")))

    assert answer.status_code == 201, answer.json()
    identity = answer.json()["sections"][0]
    (paper,) = identity["documents"]
    assert (identity["support"], paper["is_sound"], paper["verdict"]) == (None, None, "GENUINE_SEEN")
    assert [(line["field"], line["seen"], line["stated"], line["checks"]) for line in paper["lines"]] == [
        ("name", "张*三", None, None),
        ("id_number", "**************123X", None, None),
        ("valid_from", "2020-**-**", None, None),
        ("valid_until", "2040-**-**", None, None),
    ]
    assert values_of(text=DocumentSeen.objects.get().fields)["name"] == "张大三"
    kept = IdempotencyKey.objects.get()
    assert paper["lines"][0]["seen"] in str(kept.answer)
    assert not any(value in str(kept.answer) + answer.content.decode() for value in ("张大三", NAME, ID_NUMBER))


def test_the_lenders_people_read_what_is_stated_seen_and_found(order: VisitOrder, pair: Any, reviewer: Any) -> None:
    report_id = send(pair[0].user, order, body(card(name="张大三"))).json()["id"]

    with time_machine.travel(SENT, tick=False):
        client: Client = signed_in(reviewer)
        listed = client.get("/api/v1/visit-reports/", headers={"Accept-Language": "en"})
        answer = client.get(f"/api/v1/visit-reports/{report_id}/", headers={"Accept-Language": "en"})

    identity = answer.json()["sections"][0]
    (paper,) = identity["documents"]
    assert identity["support"] == {
        "is_supported": False,
        "reason": "PAPERS_IN_DOUBT",
        "reason_label": "Its papers were not read, are in doubt, differ or are out of date.",
    }
    assert paper["is_sound"] is False
    assert paper["lines"][0] == {
        "field": "name",
        "field_label": "Full name",
        "stated": "张*三",
        "seen": "张*三",
        "checks": [
            {
                "verdict": "DIFFERENT",
                "verdict_label": "Differs from what was stated",
                "reason": "UNLIKE_STATED",
                "reason_label": "Differs from what was stated; ask which is right.",
            }
        ],
    }
    assert "documents" not in listed.content.decode()
    assert not any(value in answer.content.decode() for value in ("张大三", NAME, ID_NUMBER))


def test_each_wrong_field_is_named_in_the_readers_language_and_nothing_is_kept(order: VisitOrder, pair: Any) -> None:
    answer = send(pair[0].user, order, body(card(valid_from="06.05.2020"), card() | {"fields": {"vin": "金丝雀"}}))

    assert answer.status_code == 400
    told = answer.content.decode()
    assert "A day is expected: YYYY-MM-DD." in told
    assert "This kind of paper has no such field." in told
    assert ("valid_from" in told, "vin" in told) == (True, True)
    assert "金丝雀" not in told
    assert not VisitReport.objects.exists()


@pytest.mark.parametrize("papers", [1, 3])
def test_a_report_costs_the_same_for_one_paper_and_three(
    papers: int, order: VisitOrder, pair: Any, reviewer: Any, django_assert_num_queries: Any
) -> None:
    report_id = send(pair[0].user, order, body(*[card() for _one in range(papers)])).json()["id"]
    client = signed_in(reviewer)

    # Session, person, territories, the report with its sections and files; the order with its borrower, its papers twice (for the
    # page and for what they support), sections and files.
    with django_assert_num_queries(11):
        answer = client.get(f"/api/v1/visit-reports/{report_id}/")

    assert len(answer.json()["sections"][0]["documents"]) == papers
