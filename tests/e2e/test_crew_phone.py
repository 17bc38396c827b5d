"""A crew member makes a whole visit on a telephone whose network is cut in the middle of its steps."""

import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By

from cases.models import Address
from tests.e2e.phone import Phone, phone
from tests.factories.visits import (
    HOME,
    VISIT_AT,
    make_agency,
    make_case,
    make_coordinator,
    make_member,
    make_order,
    make_placement,
    photo,
    position,
    read_waiting,
)
from visits.models import CheckIn, CrewDevice, Evidence, EvidencePart, VisitOrder, VisitReport
from visits.services.agencies.devices import bind_device
from visits.services.doorstep.attendance import check_in, check_out

pytestmark = pytest.mark.django_db(transaction=True)

NOW = VISIT_AT + timedelta(minutes=2)
KINDS = ("street", "building", "door")


@pytest.fixture
def order(shanghai: Any, approver: Any) -> VisitOrder:
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    case = make_case(territory=shanghai)
    placement = make_placement(case=case, agency=agency)
    made = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)
    Address.objects.filter(pk=made.address_id).update(updated_at=NOW)
    return made


@pytest.fixture
def camera(tmp_path: Path) -> Any:
    """Return a function that makes the file that the camera gives: large, with the camera's time, without a place."""

    def take(seed: int) -> Path:
        file = tmp_path / f"camera-{seed}.jpg"
        file.write_bytes(photo(seed=seed, taken_at=NOW + timedelta(minutes=1), place=None))
        return file

    return take


def opens_visit(crew: Phone, order: VisitOrder, *, language: str = "en") -> None:
    crew.signs_in(name=order.lead.user.username, language=language)
    # The coordinator types the code that they see on the telephone.
    code = re.search(r"[A-Z2-7]{4}-[A-Z2-7]{4}", crew.one("#telephone-waits").text)
    assert code is not None
    coordinator = make_coordinator(agency=order.lead.agency)
    bind_device(device=CrewDevice.objects.get(), code=code[0], actor=coordinator, at=timezone.now())
    crew.is_killed_and_opened_again()
    assert not crew.sees("#telephone-waits")
    crew.keeps_the_page()
    crew.presses(f"[data-visit='{order.pk}']")
    crew.one("#step-out")


def colleague_checks_in(order: VisitOrder) -> None:
    at = timezone.now()
    check_in(
        order=order,
        member=order.second,
        position=position(at=at),
        badge_evidence_ref="B2",
        actor=order.second.user,
        at=at,
    )


def colleague_checks_out(order: VisitOrder) -> None:
    at = timezone.now()
    check_out(order=order, member=order.second, position=position(at=at), actor=order.second.user, at=at)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_whole_visit_with_the_network_cut_in_its_middle(
    live_server: Any, order: VisitOrder, camera: Any, tmp_path: Path, language: str
) -> None:
    with (
        time_machine.travel(NOW, tick=True),
        phone(server=live_server, folder=tmp_path / "phone", place=HOME) as crew,
    ):
        opens_visit(crew, order, language=language)
        crew.presses("#show-address")
        crew.waits(lambda: order.address.line in crew.one(".address").text)
        crew.pictures(f"field-visit-{language}")
        crew.browser.execute_script("location.hash = ''")
        crew.one(".map .door")
        crew.pictures(f"field-list-{language}")
        assert crew.too_small() == []
        crew.presses(f"[data-visit='{order.pk}']")

        # Set out without a connection: kept, said so, and still there after the page was killed.
        crew.goes_offline()
        crew.presses("#set-out")
        crew.waits(lambda: crew.one("#field-waiting").get_attribute("data-waiting") == "1")
        crew.is_killed_and_opened_again()
        assert crew.one("#field-waiting").get_attribute("data-waiting") == "1"
        assert VisitOrder.objects.get(pk=order.pk).state == "ACCEPTED"
        assert crew.browser.execute_script("return document.getElementById('step-arrive').open")
        crew.comes_online()
        crew.waits(lambda: VisitOrder.objects.get(pk=order.pk).state == "EN_ROUTE")

        # Check in: the first of both may not knock yet, then the server opens the door.
        crew.opens("arrive")
        crew.photographs("#badge-photo", camera(1))
        crew.presses("#check-in")
        crew.waits(lambda: CheckIn.objects.filter(order=order, member=order.lead).exists())
        crew.waits(lambda: len(crew.browser.find_elements(By.CSS_SELECTOR, "#step-arrive .note.wait")) > 1)
        crew.pictures(f"field-arrive-{language}")
        colleague_checks_in(VisitOrder.objects.get(pk=order.pk))
        crew.one("#may-knock")

        # From here on there is no connection.
        crew.goes_offline()
        crew.opens("record")
        crew.ticks("announced")
        crew.presses("#start-talk")
        crew.waits(lambda: crew.one("[data-recording]"))
        crew.waits(lambda: "0 " not in crew.one("[data-recording]").text)
        crew.opens("identity")
        assert crew.sees("#not-identified")
        crew.ticks("nameCompared")
        crew.ticks("factors", "FACE", "NUMBER")
        crew.one("#identified")
        crew.pictures(f"field-identity-{language}")

        # Killed while it records: what was recorded is a file, and the page comes back to the same step.
        crew.is_killed_and_opened_again()
        assert crew.browser.execute_script("return document.getElementById('step-identity').open")
        assert crew.sees("#identified")
        crew.opens("record")
        crew.presses("#start-talk")
        crew.waits(lambda: crew.one("[data-recording]"))
        crew.waits(lambda: "0 " not in crew.one("[data-recording]").text)
        crew.presses("#stop-talk")
        crew.waits(lambda: not crew.sees("[data-recording]"))
        crew.pictures(f"field-record-{language}")

        crew.opens("sections")
        for section, verdict in (("IDENTITY", "CONFIRMED"), ("RESIDENCE", "CONFIRMED")):
            crew.chooses("verdict", verdict, within=f"[data-section={section}]")
        crew.pictures(f"field-sections-{language}")
        crew.opens("photos")
        for number, kind in enumerate(KINDS, start=2):
            crew.photographs(f"#photo-{kind}", camera(number))
        crew.pictures(f"field-photos-{language}")
        assert crew.too_small() == []
        crew.opens("outcome")
        crew.ticks("findings", "F01")
        crew.chooses("person", "BORROWER")
        crew.chooses("disclosure", "FULL")
        crew.chooses("recommendation", "OFFER_PLAN")
        crew.types("reason", "同意分期还款")
        crew.types("statement", "愿意分期")
        crew.types("incident", "手机重启，录音中断")
        crew.pictures(f"field-outcome-{language}")
        assert crew.too_small() == []
        crew.opens("leave")
        crew.presses("#check-out")
        crew.waits(lambda: crew.one("#field-waiting").get_attribute("data-waiting") == "1")
        crew.opens("handin")
        crew.ticks("attestedLead")
        crew.ticks("attestedSecond")
        crew.presses("#hand-in")
        crew.one("#report-waits")
        crew.pictures(f"field-offline-{language}")
        assert not VisitReport.objects.exists()

        # What became of the address is missing: the server refuses, each problem stands at its field, and the mended report goes.
        crew.comes_online()
        crew.one("#report-refused")
        crew.pictures(f"field-refused-{language}")
        crew.opens("outcome")
        assert crew.one("#step-outcome .wrong [name=addressVerdict]")
        crew.chooses("addressVerdict", "VALID")
        crew.opens("handin")
        colleague_checks_out(order)
        # The server takes the report and its answer is lost: it is sent again, and there is one report.
        crew.network.lose_answers_to("/report/")
        crew.presses("#hand-in")
        crew.one("#report-waits")
        crew.waits(lambda: VisitReport.objects.count() == 1)
        crew.waits(lambda: crew.sees("#field-connection"))
        crew.network.restore()
        crew.is_killed_and_opened_again()
        crew.one("#all-sent")
        crew.pictures(f"field-sent-{language}")
        left = crew.browser.execute_async_script(
            "const done = arguments[0]; indexedDB.databases().then(found => {"
            "const open = indexedDB.open(found.find(each => each.name.startsWith('doorstep-field')).name);"
            "open.onsuccess = () => {const ask = open.result.transaction('records').objectStore('records').index('group').getAllKeys('media');"
            "ask.onsuccess = () => done(ask.result)}})"
        )
        assert crew.severe() == []
        read_waiting(at=NOW + timedelta(minutes=20))

    report = VisitReport.objects.get()
    files = Evidence.objects.order_by("pk")
    assert report.order_id == order.pk
    assert report.identity_factors == 2
    assert sorted(files.values_list("kind", flat=True)) == [
        "AUDIO",
        "AUDIO",
        "BADGE_AND_MANDATE",
        "BUILDING",
        "DOOR",
        "STREET",
    ]
    assert {each.media_type for each in files if each.kind == "AUDIO"} == {"audio/webm"}
    photographs = [each for each in files if each.kind != "AUDIO"]
    assert {each.state for each in photographs} == {"READ"}
    assert [each.trust_score for each in photographs] == [100] * 4, [each.signals for each in photographs]
    assert {each.camera for each in photographs} == {"Doorstep Camera 1"}
    assert {each.accuracy_m for each in photographs} == {12.0}
    assert not EvidencePart.objects.exists()
    assert left == []


def test_another_person_on_the_same_telephone_reads_nothing(
    live_server: Any, order: VisitOrder, camera: Any, tmp_path: Path
) -> None:
    with (
        time_machine.travel(NOW, tick=True),
        phone(server=live_server, folder=tmp_path / "phone", place=HOME) as crew,
    ):
        opens_visit(crew, order)
        crew.opens("outcome")
        crew.types("statement", "病了")
        crew.waits(lambda: crew.one("[name=statement]").get_attribute("value") == "病了")
        # The session ends on the server: the key goes, nothing of the draft is shown.
        crew.browser.delete_cookie("sessionid")
        crew.browser.execute_script("document.dispatchEvent(new Event('visibilitychange'))")
        crew.one("#locked")
        kept = crew.browser.execute_async_script(
            "const done = arguments[0]; indexedDB.databases().then(found => {"
            "const open = indexedDB.open(found.find(each => each.name.startsWith('doorstep-field')).name);"
            "open.onsuccess = () => {const ask = open.result.transaction('sign-in').objectStore('sign-in').getAllKeys();"
            "ask.onsuccess = () => done(ask.result)}})"
        )
        assert kept == ["salt"]
        crew.signs_in(name=order.second.user.username)
        crew.presses(f"[data-visit='{order.pk}']")
        crew.opens("outcome")
        assert crew.one("[name=statement]").get_attribute("value") == ""
        # The first one signs in again: the draft is there.
        crew.browser.delete_cookie("sessionid")
        crew.signs_in(name=order.lead.user.username)
        crew.presses(f"[data-visit='{order.pk}']")
        crew.one("#step-outcome")
        crew.opens("outcome")
        assert crew.one("[name=statement]").get_attribute("value") == "病了"
        # Signed out: neither the key nor the page stays, and without a connection nothing opens.
        crew.presses("#field-sign-out button")
        crew.waits(lambda: "/admin/" in crew.browser.current_url)
        crew.goes_offline()
        crew.browser.set_page_load_timeout(10)
        with suppress(WebDriverException):
            crew.browser.get(f"{crew.network.address}/field/")
        assert not crew.sees("#field-root")


def test_only_a_minor_was_there(live_server: Any, order: VisitOrder, camera: Any, tmp_path: Path) -> None:
    """A position without a connection opens no door but is sent later; a minor's visit is reported without any file."""
    VisitOrder.objects.filter(pk=order.pk).update(state="EN_ROUTE")
    with (
        time_machine.travel(NOW, tick=True) as traveller,
        phone(server=live_server, folder=tmp_path / "phone", place=HOME) as crew,
    ):
        opens_visit(crew, order)
        crew.opens("arrive")
        crew.photographs("#badge-photo", camera(1))
        crew.goes_offline()
        crew.presses("#check-in")
        crew.one("#step-arrive .note.wait")
        assert not crew.sees("#may-knock")
        assert not CheckIn.objects.exists()
        crew.is_killed_and_opened_again()
        colleague_checks_in(VisitOrder.objects.get(pk=order.pk))
        # The message arrives long after it was made: it keeps its time.
        traveller.shift(timedelta(minutes=10))
        crew.comes_online()
        crew.one("#may-knock")
        assert VisitOrder.objects.get(pk=order.pk).state == "CHECKED_IN"
        made = CheckIn.objects.get(order=order, member=order.lead)
        assert made.received_at - made.happened_at > timedelta(minutes=9)
        assert made.device == CrewDevice.objects.get()

        crew.opens("outcome")
        crew.ticks("findings", "F13")
        crew.chooses("person", "MINOR")
        crew.chooses("recommendation", "REMOTE_CONTACT")
        crew.types("reason", "只有孩子在家")
        crew.opens("leave")
        crew.presses("#check-out")
        crew.waits(lambda: CheckIn.objects.filter(order=order, moment="OUT").exists())
        colleague_checks_out(VisitOrder.objects.get(pk=order.pk))
        crew.opens("handin")
        crew.one("#no-media")
        crew.ticks("attestedLead")
        crew.ticks("attestedSecond")
        crew.tells("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
        crew.pictures("field-night")
        crew.presses("#hand-in")
        crew.one("#all-sent")
        assert crew.severe() == []

    report = VisitReport.objects.get()
    assert (report.findings, report.announced_media, report.incident_codes) == (["F13"], [], [])
    assert not Evidence.objects.exists()
