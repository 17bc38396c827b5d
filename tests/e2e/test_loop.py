"""The whole loop in a browser: each role signs in and clicks its part, on the machine's own clock."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
import time_machine
from django.utils import timezone
from selenium.webdriver.common.by import By

from backoffice.access.clients import create_client
from backoffice.access.models import Territory, User
from backoffice.demo.core_lending import core_lending
from backoffice.demo.papers import fields_of
from backoffice.demo.people import PASSWORD, Cast, hire
from backoffice.demo.photographs import Scene, photograph
from backoffice.demo.portfolio import ACCOUNT_COLUMNS
from backoffice.outbox.relay import deliver_due, fan_out
from cases.enums import Section
from cases.models import Account, Case, Decision, TermsChange
from cases.selectors.policies.holidays import calendar_in_use
from cases.services.decisions import acknowledgements
from cases.services.evaluation import chunks, runs
from cases.services.intake.take_in import take_in
from cases.services.policies import versions
from tests.e2e.person import Person
from tests.factories.phones import Phone
from tests.factories.visits import make_attempts, read_waiting
from tests.flows.test_whole_loop import HOME, PHOTOGRAPHED, SHOWN, portfolio_row, write_file
from visits.models import PlanningRun, VisitOrder, VisitReport
from visits.services.dispatch.letters_due import make_letter
from visits.services.dispatch.planning_worker import work_planning

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def clock() -> Iterator[Any]:
    """Let the clock run on, and move it ahead where the loop waits for a day: `clock(instant)`."""
    travels: list[Any] = []

    def ahead(to: datetime) -> None:
        travels.append(time_machine.travel(to, tick=True))
        travels[-1].start()

    yield ahead
    for travel in reversed(travels):
        travel.stop()


@pytest.fixture
def cast(tmp_path: Path) -> Cast:
    """Take one overdue borrower in, evaluate the day, and return the people who work on it."""
    at = timezone.now()
    today = timezone.localtime(at).date()
    versions.install_default_policy(effective_from=today - timedelta(days=1), at=at)
    taken = take_in(
        path=write_file(tmp_path / "accounts.csv", ACCOUNT_COLUMNS, overdue_today(today=today)),
        profile="demo-accounts",
        actor=None,
        at=at,
    )
    assert (taken.created, taken.rejected) == (1, 0)
    territory = Territory.objects.get(code="310000")
    people = hire(territories=[territory], since=today - timedelta(days=30), at=at)
    run = runs.start_run(job="TRIGGERS", business_date=today, at=at)
    while chunks.work_chunk(run_id=run.pk, at=at):
        pass
    assert runs.settle_run(run_id=run.pk, at=at)
    # A visit is the last resort: nobody reached the borrower by telephone, message and app.
    make_attempts(borrower=Account.objects.get().borrower, at=at)
    return people


def overdue_today(*, today: date) -> dict[str, Any]:
    """Return the row of a borrower 95 days past due today, with the six months before it."""
    row = portfolio_row() | {
        "数据日期": today.isoformat(),
        "开户日期": (today - timedelta(days=420)).isoformat(),
        "地址首见": (today - timedelta(days=200)).isoformat(),
        "最近登录": f"{today - timedelta(days=50)} 10:00:00",
    }
    month = today.replace(day=1)
    for number in range(6, 0, -1):
        month = (month - timedelta(days=1)).replace(day=1)
        row[f"账期{number}"], row[f"到期日{number}"] = f"{month:%Y-%m}", f"{month:%Y-%m}-20"
    return row


def working_day_after(day: date) -> date:
    """Return a day at least two days later on which visits are lawful."""
    day += timedelta(days=2)
    calendar = calendar_in_use()
    while calendar.is_national_holiday(day=day):
        day += timedelta(days=1)
    return day


def fetched(person: Person, path: str) -> tuple[int, bytes]:
    """Return status and bytes of a file behind the person's own session."""
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in person.browser.get_cookies())
    with urlopen(Request(f"{person.address}{path}", headers={"Cookie": cookies})) as answer:  # noqa: S310 - our own server
        return answer.status, answer.read()


def posted(person: Person, path: str, body: dict[str, Any], *, files: dict[str, bytes] | None = None) -> dict[str, Any]:
    """Send one request to the REST API from the person's own page, as a telephone's page would, and return the answer."""
    script = """
        const [path, body, files, done] = arguments;
        const cookie = document.cookie.split('; ').find((each) => each.startsWith('csrftoken='));
        const token = cookie ? cookie.split('=')[1] : document.querySelector('[name=csrfmiddlewaretoken]').value;
        const headers = {'X-CSRFToken': token, 'Idempotency-Key': crypto.randomUUID()};
        let content = JSON.stringify(body);
        if (files) {
            content = new FormData();
            for (const [name, value] of Object.entries(body)) content.append(name, value);
            for (const [name, text] of Object.entries(files)) {
                content.append(name, new Blob([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], {type: 'image/jpeg'}), 'photo.jpg');
            }
        } else headers['Content-Type'] = 'application/json';
        fetch(path, {method: 'POST', headers, body: content})
            .then(async (answer) => done({status: answer.status, body: await answer.text()}))
            .catch((error) => done({status: 0, body: String(error)}));
    """
    from base64 import b64encode

    packed = {name: b64encode(content).decode() for name, content in (files or {}).items()} or None
    answer = person.browser.execute_async_script(script, path, body, packed)
    assert answer["status"] in (200, 201), answer
    return dict(json.loads(answer["body"]))


def signed(person: Person, phone: Phone, *, order: int, moment: str, ref: str) -> dict[str, Any]:
    """Send an arrival or departure that the person's own telephone signs, with a ticket that it fetches first."""
    door, at = f"/api/v1/visit-orders/{order}", datetime.now(UTC)
    got = posted(person, f"{door}/tickets/", {"device": phone.device.pk, "device_at": at.isoformat()})
    badge = "PHOTO-BADGE_AND_MANDATE"
    body = phone.body(order=order, ticket=got["ticket"], at=at, moment=moment, ref=ref, badge=badge, place=HOME)
    return posted(person, f"{door}/signed-check-{moment.lower()}/", body)


def test_each_role_clicks_its_part_of_the_loop(browser: Any, live_server: Any, cast: Cast, clock: Any) -> None:
    person = Person(browser=browser, address=live_server.url)
    case = Case.objects.get()
    address = case.borrower.addresses.get()

    # The officer finds the case from the home page, takes it, and asks for a visit.
    person.signs_in(name="officer", password=PASSWORD)
    person.opens_from_menu("Cases")
    person.follows(str(case))
    person.presses("Take")
    person.follows("Request a visit")
    person.sends(address=str(address.pk), reason="Three calls on different days, nobody answered")
    order = VisitOrder.objects.get()
    assert (order.state, order.requested_by) == ("DRAFT", cast.users["officer"])

    # Another person approves it.
    person.signs_in(name="approver", password=PASSWORD)
    person.opens_from_menu("Visit orders")
    person.follows(str(order))
    person.presses("Approve")
    order.refresh_from_db()
    assert (order.state, order.approved_by) == ("APPROVED", cast.users["approver"])

    # The dispatcher places the case, plans the day, and opens the letter.
    agency = cast.agencies[0]
    lead, second = cast.crews[agency.pk][:2]
    visit_day = working_day_after(timezone.localdate())
    person.signs_in(name="dispatcher", password=PASSWORD)
    person.opens_from_menu("Cases")
    person.follows(str(case))
    person.follows("Place with an agency")
    person.sends(agency=str(agency.pk))
    person.opens_from_menu("Visit orders")
    browser.find_element(By.CSS_SELECTOR, f"input[name=_selected_action][value='{order.pk}']").click()
    person.runs_on_selection("Plan a day for the selected visits")
    person.ticks("members", [str(lead.pk), str(second.pk)])
    person.sends(day=visit_day.isoformat())
    assert "Waits for a worker" in person.reads()
    # The worker plans the day and makes the letter.
    work_planning(run_id=PlanningRun.objects.get().pk, at=timezone.now())
    while make_letter(at=timezone.now()):
        pass
    browser.refresh()
    assert "1\nvisits planned" in person.reads()
    order.refresh_from_db()
    assert (order.state, timezone.localdate(order.window_start)) == ("SCHEDULED", visit_day)
    browser.get(f"{live_server.url}/admin/visits/visitorder/{order.pk}/change/")
    letter = browser.find_element(By.PARTIAL_LINK_TEXT, "Save the letter").get_attribute("href")
    status, content = fetched(person, letter.removeprefix(live_server.url))
    assert (status, content[:5]) == (200, b"%PDF-")
    # Anybody with the letter checks its code.
    browser.get(f"{live_server.url}/v/{order.letter_code}")
    assert agency.name in person.reads()

    # The agency accepts.
    person.signs_in(name="agency", password=PASSWORD)
    person.opens_from_menu("Visit orders")
    person.follows(str(order))
    person.presses("Accept")

    # On the day the crew sets out, both check in, and report what they found.
    arrives = order.planned_arrival_at
    clock(arrives - timedelta(minutes=20))
    person.signs_in(name="crew", password=PASSWORD)
    door = f"/api/v1/visit-orders/{order.pk}"
    posted(person, f"{door}/depart/", {})
    clock(arrives + timedelta(seconds=7.25))
    coordinator = User.objects.get(username="agency")
    phones = [Phone(member=member, coordinator=coordinator, at=timezone.now()) for member in (order.lead, second)]
    signed(person, phones[0], order=order.pk, moment="IN", ref="IN-1")
    person.signs_in(name=second.user.username, password=PASSWORD)
    arrived = signed(person, phones[1], order=order.pk, moment="IN", ref="IN-2")
    assert arrived["opened"] is True
    began = timezone.now()
    clock(arrives + timedelta(minutes=21, seconds=3.5))
    signed(person, phones[1], order=order.pk, moment="OUT", ref="OUT-2")
    person.signs_in(name="crew", password=PASSWORD)
    signed(person, phones[0], order=order.pk, moment="OUT", ref="OUT-1")
    pictures = {
        f"PHOTO-{kind}": photograph(
            scene=Scene(kind=str(kind), seed=number, caption="V"),
            taken_at=began + timedelta(minutes=number + 1),
            point=HOME,
        )
        for number, kind in enumerate(PHOTOGRAPHED)
    }
    report = posted(person, f"{door}/report/", report_body(order=order, pictures=pictures, began=began))
    for kind in PHOTOGRAPHED:
        ref = f"PHOTO-{kind}"
        posted(
            person,
            f"/api/v1/visit-reports/{report['id']}/evidence/",
            {"kind": str(kind), "external_ref": ref, "device_at": datetime.now(UTC).isoformat()},
            files={"file": pictures[ref]},
        )

    # A worker reads the photographs, then the reviewer accepts the report.
    read_waiting(at=timezone.now())
    person.signs_in(name="reviewer", password=PASSWORD)
    person.opens_from_menu("Visit reports")
    person.follows(VisitReport.objects.get().external_ref)
    person.presses("Accept report", quality_score="92", note="Place, time and photographs fit")
    order.refresh_from_db()
    case.refresh_from_db()
    assert (order.state, case.stage) == ("VERIFIED", "DECIDED")

    # The officer reads what was established and proposes grace beside what follows from it; another person approves.
    assert sorted(Decision.objects.filter(state="PROPOSED").values_list("kind", flat=True)) == ["FREEZE", "LEGAL"]
    person.signs_in(name="officer", password=PASSWORD)
    person.opens_from_menu("Cases")
    person.follows(str(case))
    person.presses(
        "Propose a decision",
        under="Propose",
        account=str(Account.objects.get().pk),
        kind="GRACE",
        days="14",
        reason="The salary is paid on the tenth; a fortnight is enough",
    )
    grace = Decision.objects.get(kind="GRACE")
    assert (grace.state, grace.proposed_by) == ("PROPOSED", cast.users["officer"])
    person.signs_in(name="approver", password=PASSWORD)
    person.opens_from_menu("Decisions")
    person.follows(str(grace))
    person.presses("Approve", note="Income verified, first arrears")
    grace.refresh_from_db()
    assert (grace.state, grace.approved_by) == ("APPROVED", cast.users["approver"])

    # What must be decided next is offered, and a key leads there: legal recovery, which the grace forbids now, then the freeze.
    assert "Next one waiting for you" in person.reads()
    person.types("n")
    assert "Grace stands on the account." in person.reads()
    person.types("n")
    assert "Status: Active → Frozen" in person.reads()

    # The core receives the signed event over HTTP and answers it through the REST API.
    now = timezone.now()
    client, secret = create_client(name="core-lending", scopes=["terms:write"], actor=cast.users["admin"], at=now)
    with core_lending() as core:
        while fan_out(at=timezone.now()):
            pass
        while deliver_due(at=timezone.now()):
            pass
        received = [event["data"]["effect_key"] for event in core.news() if event["type"] == "terms.changed"]
    acknowledgements.mark_terms_sent(at=timezone.now())
    # A grace pauses collection and waives the penalty interest; it is in force once the core holds both.
    changes = list(TermsChange.objects.order_by("pk"))
    assert sorted(change.after for change in changes) == ["PAUSED", "WAIVED"]
    assert received == [change.effect_key for change in changes]
    for change in changes:
        answered = by_machine(
            live_server.url,
            client.client_id,
            secret,
            "/api/v1/terms-changes/acknowledge/",
            {"effect_key": change.effect_key, "accepted": True, "value": change.after},
        )
        assert answered == 200
    grace.refresh_from_db()
    assert grace.state == "ACKNOWLEDGED"

    # The risk manager reads what the visit cost and whom it reached.
    person.signs_in(name="risk", password=PASSWORD)
    person.opens_from_menu("Effectiveness")
    page = person.reads()
    assert "Visit" in page
    assert f"{Decimal(120):.2f}" in page
    severe = [line["message"] for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert severe == []


def report_body(*, order: Any, pictures: dict[str, bytes], began: datetime) -> dict[str, Any]:
    found = {
        "IDENTITY": ("CONFIRMED", "0.95"),
        "CAPACITY": ("ABLE", "0.90"),
        "CAUSE": ("WILFUL", "0.85"),
        "RESIDENCE": ("CONFIRMED", "0.90"),
    }
    return {
        "external_ref": "REPORT-1",
        "findings": ["F01"],
        "person_met": "BORROWER",
        "recommendation": "LEGAL_REVIEW",
        "recommendation_reason": "Statements show a steady income; says plainly that they will not pay",
        "attested_by_lead": True,
        "attested_by_second": True,
        "sections": [
            {
                "section": section,
                "verdict": verdict,
                "confidence": confidence,
                "documents": [
                    {
                        "kind": kind,
                        "verdict": "CONSISTENT",
                        "no_copy_reason": "Seen at the door",
                        "fields": fields_of(
                            kind=kind, borrower=order.case.borrower, address=order.address, on=began.date()
                        ),
                    }
                    for kind in SHOWN.get(Section(section), ())
                ],
            }
            for section, (verdict, confidence) in found.items()
        ],
        "media": [
            {"ref": ref, "kind": ref.removeprefix("PHOTO-"), "sha256": hashlib.sha256(content).hexdigest()}
            for ref, content in pictures.items()
        ],
        "disclosure": "FULL",
        "identity_factors": 2,
        "address_verdict": "VALID",
        "recording_refused": True,
        "contact_started_at": (began + timedelta(minutes=3)).isoformat(),
        "contact_ended_at": (began + timedelta(minutes=18)).isoformat(),
    }


def by_machine(address: str, client_id: str, secret: str, path: str, body: dict[str, Any]) -> int:
    """Post as a machine client with a token of its own, and return the status."""
    asked = urlencode({"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}).encode()
    with urlopen(Request(f"{address}/o/token/", data=asked)) as answer:  # noqa: S310 - our own server
        token = json.loads(answer.read())["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with urlopen(Request(f"{address}{path}", data=json.dumps(body).encode(), headers=headers)) as answer:  # noqa: S310
        return int(answer.status)
