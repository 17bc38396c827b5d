"""Files in parts through REST: a crew's page sends them, asks what is missing, and has them attached."""

import hashlib
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.factories.evidence import make_reported
from tests.factories.requests import post, signed_in
from tests.factories.visits import SENT_AT, make_agency, make_case, make_member, make_placement, photo, stored
from visits.models import Evidence, EvidencePart

pytestmark = pytest.mark.django_db

CONTENT = photo(seed=3)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SIZE = -(-len(CONTENT) // 3)


@pytest.fixture
def report(shanghai: Any, approver: Any) -> Any:
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    return make_reported(case=case, placement=placement, approver=approver, pair=pair, contents=[CONTENT])


def send(user: Any, report: Any, number: int, more: Any = None) -> Any:
    part = SimpleUploadedFile("part", CONTENT[number * SIZE : (number + 1) * SIZE])
    form = {"sha256": SHA256, "number": number, "count": 3, "part": part} | (more or {})
    return signed_in(user).post(f"/api/v1/visit-reports/{report.pk}/evidence-parts/", form)


def ask(user: Any, report: Any, sha256: str = SHA256) -> Any:
    return signed_in(user).get(f"/api/v1/visit-reports/{report.pk}/evidence-parts/?sha256={sha256}")


def join(user: Any, report: Any) -> Any:
    body = {
        "sha256": SHA256,
        "kind": "DOOR",
        "external_ref": f"M{report.order_id}-0",
        "device_at": SENT_AT.isoformat(),
    }
    with time_machine.travel(SENT_AT, tick=False):
        return post(user, f"/api/v1/visit-reports/{report.pk}/joined-evidence/", body, **{"Idempotency-Key": "k1"})


def test_a_broken_upload_goes_on_where_it_broke(report: Any) -> None:
    user = report.order.lead.user
    assert ask(user, report).json() == {
        "sha256": SHA256,
        "count": 0,
        "there": [],
        "missing": [],
        "is_attached": False,
    }
    send(user, report, 0)
    early = join(user, report)
    assert ask(user, report).json()["missing"] == [1, 2]
    sent = [send(user, report, number) for number in (1, 2)]
    first, again = join(user, report), join(user, report)

    assert early.status_code == 400
    assert [answer.status_code for answer in sent] == [200, 200]
    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    evidence = Evidence.objects.get()
    assert (stored(evidence.file.name), evidence.uploaded_by) == (CONTENT, report.order.lead)
    assert ask(user, report).json()["is_attached"]
    assert not EvidencePart.objects.exists()


def test_other_crews_neither_send_nor_ask(report: Any, shanghai: Any) -> None:
    stranger = make_member(agency=make_agency(territory=shanghai)).user

    answers = [send(stranger, report, 0), ask(stranger, report), join(stranger, report)]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert not EvidencePart.objects.exists()


def test_readers_may_not_send(report: Any, officer: Any) -> None:
    assert send(officer, report, 0).status_code == 403
    assert not EvidencePart.objects.exists()


@pytest.mark.parametrize("more", [{"number": 3}, {"count": 0}, {"sha256": "x"}, {"sha256": "0" * 64}])
def test_what_does_not_fit_is_refused_with_its_field(report: Any, more: Any) -> None:
    answer = send(report.order.lead.user, report, 0, more)

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, next(iter(more)))


def test_a_question_without_a_hash_finds_nothing(report: Any) -> None:
    assert ask(report.order.lead.user, report, "").status_code == 400
