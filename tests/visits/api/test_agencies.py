"""Agencies, papers, prices and crews through the REST doors: programs enter, people confirm."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from backoffice.access.models import User
from tests.backoffice.core.rest.test_api import machine
from tests.factories.firms import CODE, picture
from tests.factories.requests import post, signed_in
from tests.factories.visits import make_agency, make_coordinator, make_member
from visits.models import Agency, AgencyCredential, AgencyEvaluation, ContractRenewal, CrewDevice, CrewMember, PriceCard


@pytest.fixture(autouse=True)
def _english(settings: Any) -> Any:
    """Compare words in English."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def day(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def applicant(**fields: Any) -> dict[str, Any]:
    return {
        "code": "NEW1",
        "name": "申城外访",
        "registration": CODE,
        "complaints_phone": "021-1",
        "contract_number": "WW-1",
        "contract_starts_on": day(),
        "contract_ends_on": day(300),
        "no_subcontract_promise_on": day(),
    } | fields


def by_program(header: dict[str, str], address: str, body: dict[str, Any]) -> Any:
    return Client().post(address, body, content_type="application/json", headers=header)


def test_a_program_enters_an_agency_and_people_admit_it(shanghai: Any, approver: User, risk_manager: User) -> None:
    header = machine("agencies:write", "visits:read")
    made = by_program(header, "/api/v1/agencies/", applicant())
    assert (made.status_code, made.json()["state"], made.json()["registration"]) == (201, "APPLICANT", CODE)
    agency = Agency.objects.get()
    where = f"/api/v1/agencies/{agency.pk}"
    assert by_program(header, f"{where}/capacity/", {"territory": shanghai.code, "capacity": 9}).status_code == 200
    refused = post(risk_manager, f"{where}/admit/", {"reason": "ok"})
    assert (refused.status_code, "Business licence" in refused.json()["errors"][0]["detail"]) == (400, True)
    for kind in ("BUSINESS_LICENCE", "LIABILITY_INSURANCE", "MLPS_3"):
        paper = Client().post(
            "/api/v1/agency-papers/",
            {
                "agency": agency.pk,
                "kind": kind,
                "number": "1",
                "issuer": "x",
                "valid_from": day(),
                "valid_until": day(200),
                "file": SimpleUploadedFile("a.pdf", b"%PDF-1.7"),
            },
            headers=header,
        )
        assert paper.status_code == 201, paper.json()
        confirm = f"/api/v1/agency-papers/{paper.json()['id']}/confirm/"
        assert by_program(header, confirm, {}).status_code == 403
        assert post(approver, confirm, {}).json()["state"] == "CONFIRMED"
    assert by_program(header, f"{where}/admit/", {"reason": "ok"}).status_code == 403

    admitted = post(risk_manager, f"{where}/admit/", {"reason": "ok"})

    assert (admitted.status_code, admitted.json()["state"], admitted.json()["papers_until"]) == (
        200,
        "ACTIVE",
        day(200),
    )
    fixed = by_program(header, f"{where}/change/", {"contract_ends_on": day(900)})
    assert (fixed.status_code, fixed.json()["errors"][0]["attr"]) == (400, "contract_ends_on")
    assert by_program(header, f"{where}/change/", {"complaints_phone": "021-2"}).json()["complaints_phone"] == "021-2"


@pytest.mark.parametrize(
    ("fields", "attr"),
    [({"registration": "9144030071526726XH"}, "registration"), ({"contract_ends_on": day(-1)}, "contract_ends_on")],
)
def test_a_wrong_agency_is_refused_with_its_field(fields: Any, attr: str, dispatcher: User) -> None:
    answer = post(dispatcher, "/api/v1/agencies/", applicant(**fields))

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, attr)


def test_an_agencys_program_enters_no_agency_and_no_price(shanghai: Any) -> None:
    agency = make_agency(territory=shanghai)
    header = machine("visits:write", "visits:read", name="firm")
    agency.coordinators.add(User.objects.get(username="machine-firm"))

    assert by_program(header, "/api/v1/agencies/", applicant()).status_code == 403
    price = {"agency": agency.pk, "basis": "PER_VISIT", "amount": "1", "valid_from": day()}
    assert by_program(header, "/api/v1/price-cards/", price).status_code == 403
    assert (Agency.objects.count(), PriceCard.objects.count()) == (1, 3)


def test_prices_are_entered_and_confirmed_at_every_door(shanghai: Any, dispatcher: User, approver: User) -> None:
    agency = make_agency(territory=shanghai)
    price = {"agency": agency.pk, "basis": "RECOVERY_SHARE", "amount": "51", "valid_from": day()}
    refused = post(dispatcher, "/api/v1/price-cards/", price)
    assert (refused.status_code, refused.json()["errors"][0]["attr"]) == (400, "amount")

    made = post(dispatcher, "/api/v1/price-cards/", price | {"amount": "50"})

    assert (made.status_code, made.json()["state"]) == (201, "ENTERED")
    where = f"/api/v1/price-cards/{made.json()['id']}"
    assert post(dispatcher, f"{where}/confirm/", {}).status_code == 403
    assert post(approver, f"{where}/confirm/", {}).json()["state"] == "CONFIRMED"
    assert post(dispatcher, f"{where}/withdraw/", {}).status_code == 409


def test_a_contract_is_renewed_by_two_people(shanghai: Any, dispatcher: User, risk_manager: User) -> None:
    agency = make_agency(territory=shanghai, contract_ends_on=timezone.localdate() + timedelta(days=30))
    where = f"/api/v1/agencies/{agency.pk}"
    assert post(dispatcher, f"{where}/ask-renewal/", {"until": day(300)}).status_code == 400
    AgencyEvaluation.objects.create(agency=agency, evaluated_on=timezone.localdate(), score=80)
    assert post(dispatcher, f"{where}/ask-renewal/", {"until": day(300)}).status_code == 200
    assert post(dispatcher, f"{where}/renew/", {}).status_code == 403

    renewed = post(risk_manager, f"{where}/renew/", {})

    assert (renewed.status_code, renewed.json()["contract_ends_on"]) == (200, day(300))
    assert post(risk_manager, f"{where}/renew/", {}).status_code == 409
    assert ContractRenewal.objects.get().state == "CONFIRMED"


def test_an_agencys_program_enters_its_crew_and_the_lender_confirms(shanghai: Any, dispatcher: User) -> None:
    agency, other = make_agency(territory=shanghai), make_agency(territory=shanghai)
    header = machine("visits:write", "visits:read", name="firm")
    agency.coordinators.add(User.objects.get(username="machine-firm"))
    body = {"agency": agency.pk, "badge": "SC-9", "name": "王小明", "screened_on": day(-9), "screening": "CLEAR"}
    assert by_program(header, "/api/v1/crew/", body | {"agency": other.pk}).status_code == 400

    made = by_program(header, "/api/v1/crew/", body)

    assert (made.status_code, made.json()["state"], made.json()["name"]) == (201, "ENTERED", "王*明")
    where = f"/api/v1/crew/{made.json()['id']}"
    changed = by_program(header, f"{where}/change/", {"exam_passed_on": day(-1), "confidentiality_signed_on": day(-1)})
    assert changed.json()["training_valid_until"] == day(364)
    photo = Client().post(f"{where}/photo/", {"photo": SimpleUploadedFile("a.png", picture())}, headers=header)
    assert photo.json()["has_photo"] is True
    paper = {"kind": "上岗证", "number": "1", "valid_until": day(9)}
    assert by_program(header, f"{where}/certificates/", paper).status_code == 201
    device = by_program(header, f"{where}/devices/", {"label": "Android", "device_ref": "D1"})
    assert by_program(header, f"{where}/revoke-device/", {"device": device.json()["id"]}).status_code == 200
    assert by_program(header, f"{where}/confirm/", {}).status_code == 403
    assert post(dispatcher, f"{where}/confirm/", {}).json()["state"] == "CONFIRMED"
    assert by_program(header, f"{where}/deactivate/", {"reason": "离职"}).json()["state"] == "INACTIVE"
    assert by_program(header, f"{where}/reactivate/", {"reason": "回来"}).json()["state"] == "ENTERED"

    shown = Client().get(f"{where}/", headers=header).json()
    assert [each["number"] for each in shown["certificates"]] == ["1"]
    assert shown["devices"][0]["revoked_at"] is not None
    assert (CrewMember.objects.get().name, CrewDevice.objects.count()) == ("王小明", 1)


def test_another_agencys_crew_is_not_there(shanghai: Any) -> None:
    member = make_member(agency=make_agency(territory=shanghai))
    stranger = make_coordinator(agency=make_agency(territory=shanghai))

    assert post(stranger, f"/api/v1/crew/{member.pk}/change/", {"name": "别人"}).status_code == 404
    assert signed_in(stranger).get(f"/api/v1/crew/{member.pk}/").status_code == 404
    assert post(stranger, "/api/v1/agency-papers/", {}).status_code == 403
    assert AgencyCredential.objects.count() == 0
