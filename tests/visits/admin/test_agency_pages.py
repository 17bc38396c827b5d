"""Agencies and crews in the admin: entered on forms, confirmed by buttons, each by the role that needs it."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from tests.factories.firms import CODE, picture
from tests.factories.phones import Phone
from tests.factories.visits import make_agency, make_coordinator, make_member
from visits.models import Agency, AgencyCredential, AgencyEvaluation, CrewMember, PriceCard
from visits.services.agencies.devices import device_code

SUBMIT = {"_form_submitted": "on"}


@pytest.fixture(autouse=True)
def _english(settings):
    """Compare words in English."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def step(name: str, pk: Any, model: str = "agency") -> str:
    return reverse(f"admin:visits_{model}_{name}", args=[pk])


def day(days: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def problems(answer: Any) -> Any:
    return answer.context["form"].errors if answer.context else None


APPLICANT = {
    "code": "NEW1",
    "name": "申城外访",
    "registration": CODE,
    "complaints_phone": "021-1",
    "contract_number": "WW-1",
    "no_subcontract_promise_on": "2026-01-01",
}


def test_an_agency_from_the_form_to_the_list(client, dispatcher, approver, risk_manager, shanghai):
    client.force_login(dispatcher)
    enter = reverse("admin:visits_agency_enter")
    assert enter in client.get(reverse("admin:visits_agency_changelist")).content.decode()
    given = APPLICANT | {"contract_starts_on": day(), "contract_ends_on": day(300)}
    wrong = client.post(enter, given | {"registration": "9144030071526726XH"})
    assert list(problems(wrong)) == ["registration"]
    answer = client.post(enter, given)
    agency = Agency.objects.get()
    assert answer.url == step("change", agency.pk)
    page = client.get(answer.url).content.decode()
    assert "No valid paper of this kind: Business licence." in page
    client.post(step("capacity", agency.pk), SUBMIT | {"territory": shanghai.pk, "capacity": "9"})
    for kind in ("BUSINESS_LICENCE", "LIABILITY_INSURANCE", "ISO_27001"):
        paper = {"kind": kind, "number": "1", "issuer": "x", "valid_from": day(), "valid_until": day(20)}
        file = SimpleUploadedFile("a.pdf", b"%PDF-1.7 copy")
        assert client.post(step("paper", agency.pk), SUBMIT | paper | {"file": file}).status_code == 302
    for basis, amount, made in (("RECOVERY_SHARE", "51", 0), ("PER_ACCEPTED_REPORT", "80", 1)):
        price = {"basis": basis, "amount": amount, "currency": "CNY", "valid_from": day()}
        client.post(step("price", agency.pk), SUBMIT | price)
        assert PriceCard.objects.count() == made
    client.force_login(approver)
    for paper in AgencyCredential.objects.all():
        client.post(step("confirm", paper.pk, "agencycredential"), SUBMIT)
    client.post(step("confirm", PriceCard.objects.get().pk, "pricecard"), SUBMIT)
    copy = client.get(reverse("admin:visits_agencycredential_file", args=[paper.pk]))
    assert b"".join(copy.streaming_content) == b"%PDF-1.7 copy"
    client.force_login(risk_manager)
    client.post(step("admit", agency.pk), SUBMIT | {"reason": "材料齐全"})

    agency.refresh_from_db()
    assert (agency.state, agency.entered_by, agency.admitted_by) == ("ACTIVE", dispatcher, risk_manager)
    assert PriceCard.objects.get().state == "CONFIRMED"
    client.force_login(dispatcher)
    soon = client.get(reverse("admin:visits_agencycredential_changelist"), {"expires": "soon"})
    assert len(soon.context["cl"].result_list) == 3


def test_an_applicant_is_not_admitted_by_who_entered_it(client, shanghai, risk_manager):
    agency = make_agency(territory=shanghai, state="APPLICANT", admitted_on=None, entered_by=risk_manager)
    client.force_login(risk_manager)

    answer = client.post(step("admit", agency.pk), SUBMIT | {"reason": "x"})

    assert "You proposed this yourself" in answer.content.decode()
    assert Agency.objects.get().state == "APPLICANT"


def test_the_end_of_a_contract_is_not_in_the_form_of_an_admitted_agency(client, shanghai, dispatcher):
    agency = make_agency(territory=shanghai, registration=CODE)
    client.force_login(dispatcher)
    given = SUBMIT | APPLICANT | {"code": agency.code, "contract_ends_on": day(3000), "contract_starts_on": day()}

    answer = client.post(step("edit", agency.pk), given)
    assert answer.status_code == 302
    changed = client.post(reverse("admin:visits_agency_change", args=[agency.pk]), given)
    assert changed.status_code in (302, 403)
    agency.refresh_from_db()
    assert (agency.contract_ends_on.isoformat(), agency.name) == ("2027-08-31", APPLICANT["name"])


def test_a_renewal_is_asked_for_and_granted_by_buttons(client, shanghai, dispatcher, risk_manager):
    ends = timezone.localdate() + timedelta(days=30)
    agency = make_agency(territory=shanghai, contract_ends_on=ends)
    client.force_login(dispatcher)
    ask = step("ask_renewal", agency.pk)
    page = client.get(step("change", agency.pk)).content.decode()
    assert (ask in page, step("renew", agency.pk) in page) == (True, False)
    refused = client.post(ask, SUBMIT | {"until": day(300)})
    assert "The agency has no evaluation" in refused.content.decode()
    AgencyEvaluation.objects.create(agency=agency, evaluated_on=timezone.localdate(), score=80)
    client.post(ask, SUBMIT | {"until": day(300)})
    client.force_login(risk_manager)
    assert step("renew", agency.pk) in client.get(step("change", agency.pk)).content.decode()

    client.post(step("renew", agency.pk), SUBMIT)

    agency.refresh_from_db()
    assert agency.contract_ends_on.isoformat() == day(300)


def test_people_of_another_territory_change_nothing(client, person, shanghai, chengdu):
    agency = make_agency(territory=shanghai)
    client.force_login(person("DISPATCHER", name="far", territories=(chengdu,)))

    answer = client.post(step("capacity", agency.pk), SUBMIT | {"territory": chengdu.pk, "capacity": "1"})

    assert "Your role does not allow this" in answer.content.decode()
    assert agency.capacities.count() == 1


def test_the_administrator_names_coordinators(client, administrator, dispatcher, shanghai):
    agency, other = make_agency(territory=shanghai), make_agency(territory=shanghai)
    new = make_coordinator(agency=other)
    client.force_login(dispatcher)
    assert client.post(step("coordinators", agency.pk), SUBMIT | {"coordinators": [new.pk]}).status_code == 403
    client.force_login(administrator)

    client.post(step("coordinators", agency.pk), SUBMIT | {"coordinators": [new.pk]})

    assert list(agency.coordinators.all()) == [new]


def test_a_crew_member_from_the_form_to_the_door(client, shanghai, dispatcher, person):
    agency, other = make_agency(territory=shanghai), make_agency(territory=shanghai)
    coordinator, login = make_coordinator(agency=agency), person("CREW", name="new-crew")
    client.force_login(coordinator)
    enter = reverse("admin:visits_crewmember_enter")
    given = {
        "agency": agency.pk,
        "badge": "SC-9",
        "name": "王小明",
        "screened_on": day(-9),
        "screening": "CLEAR",
        "exam_passed_on": day(-1),
        "confidentiality_signed_on": day(-1),
    }
    foreign = client.post(enter, given | {"agency": other.pk})
    assert list(problems(foreign)) == ["agency"]
    broken = client.post(enter, given | {"photo": SimpleUploadedFile("a.png", b"GIF")})
    assert list(problems(broken)) == ["photo"]
    answer = client.post(enter, given | {"photo": SimpleUploadedFile("a.png", picture())})
    member = CrewMember.objects.get()
    where = step("change", member.pk, "crewmember")
    assert answer.url == where
    page = client.get(where).content.decode()
    assert "No certificate is entered." in page
    assert "王小明" not in page
    photo = client.get(reverse("admin:visits_crewmember_photo", args=[member.pk]))
    assert (photo.status_code, photo["Content-Type"]) == (200, "image/jpeg")
    client.post(
        step("certificate", member.pk, "crewmember"),
        SUBMIT | {"kind": "上岗证", "number": "1", "valid_until": day(9)},
    )
    client.post(step("device", member.pk, "crewmember"), SUBMIT | {"label": "Android", "device_ref": "D1"})
    client.post(step("revoke_device", member.pk, "crewmember"), SUBMIT | {"device": member.devices.get().pk})
    key = Phone().public_key
    phone = member.devices.create(label="Pixel 8", device_ref="key:1", public_key=key, announced_at=timezone.now())
    bind = {"device": phone.pk, "code": "AAAA-AAAA"}
    assert list(problems(client.post(step("bind_device", member.pk, "crewmember"), SUBMIT | bind))) == ["code"]
    bind["code"] = device_code(device=phone)
    client.post(step("bind_device", member.pk, "crewmember"), SUBMIT | bind)
    assert client.post(step("confirm", member.pk, "crewmember"), SUBMIT).status_code == 403
    client.force_login(dispatcher)
    client.post(step("confirm", member.pk, "crewmember"), SUBMIT)
    client.post(step("link_login", member.pk, "crewmember"), SUBMIT | {"username": "new-crew"})

    member.refresh_from_db()
    assert (member.state, member.user) == ("CONFIRMED", login)
    devices = member.devices.order_by("pk").values_list("registered_at", "revoked_at")
    assert [(known is None, gone is None) for known, gone in devices] == [(False, False), (False, True)]
    client.force_login(coordinator)
    client.post(step("deactivate", member.pk, "crewmember"), SUBMIT | {"reason": "离职"})
    member.refresh_from_db()
    assert member.state == "INACTIVE"


def test_a_photograph_is_shown_only_to_whoever_may_see_the_member(client, shanghai, officer):
    agency, other = make_agency(territory=shanghai), make_agency(territory=shanghai)
    member = make_member(agency=agency)
    address = reverse("admin:visits_crewmember_photo", args=[member.pk])
    for user in (make_coordinator(agency=other), officer, member.user):
        client.force_login(user)
        assert client.get(address).status_code in (403, 404)


@pytest.mark.parametrize("role", ["DISPATCHER", "APPROVER", "RISK_MANAGER", "ADMINISTRATOR", "AUDITOR"])
def test_pages_open_in_chinese_for_each_role(role, client, person, shanghai):
    member = make_member(agency=make_agency(territory=shanghai))
    client.force_login(person(role, name="visitor"))
    with override("zh-hans"):
        for address in (
            step("change", member.agency_id),
            step("change", member.pk, "crewmember"),
            reverse("admin:visits_crewmember_changelist"),
            reverse("admin:visits_agencycredential_changelist"),
        ):
            answer = client.get(address, headers={"accept-language": "zh-hans"})
            assert answer.status_code == 200, address
