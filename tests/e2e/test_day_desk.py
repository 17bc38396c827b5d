"""A dispatcher opens the day desk, drags a stop, reads what the conduct rules and the road say, and keeps it or not."""

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from cases.models import Account, TriggerHit
from tests.e2e.test_sign_in import _sign_in
from tests.factories.visits import make_agency, make_attempts, make_case, make_member, make_order, make_placement
from visits.models import VisitOrder
from visits.selectors.conduct import OFFICIAL_ZONE
from visits.services.dispatch.orders import assign_crew

pytestmark = pytest.mark.django_db(transaction=True)

DISTRICTS = (("310101", 31.222, 121.490), ("310104", 31.180, 121.437), ("310110", 31.270, 121.526))


class Desk:
    """The day desk's page, used through what is visible on it."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        browser.get(address)
        self.waits(lambda: self.all(".dd-hours[data-crew]"))

    def one(self, selector: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector: str) -> list[Any]:
        return list(self.browser.find_elements(By.CSS_SELECTOR, selector))

    def waits(self, condition: Any) -> None:
        WebDriverWait(self.browser, 20).until(lambda _browser: condition())

    def drag(self, order: VisitOrder, *, onto: int, minutes: int) -> None:
        """Drag the block of an order onto row `onto`, so that it begins `minutes` after the opening of the day."""
        block = self.one(f".dd-block[data-order='{order.pk}']")
        row = self.all(".dd-hours[data-crew]")[onto]
        along = row.rect["width"] * minutes / (11 * 60)
        across = row.rect["x"] + along - block.rect["x"]
        down = row.rect["y"] - block.rect["y"] + 20
        ActionChains(self.browser).move_to_element_with_offset(
            block, -block.rect["width"] // 2 + 3, 0
        ).click_and_hold().move_by_offset(10, 0).move_by_offset(
            round(across) - 10, round(down) - 15
        ).release().perform()

    def says(self, words: str) -> None:
        self.waits(lambda: words in self.one("#desk-answer").text)


@pytest.fixture
def day() -> Any:
    """The next working day that is at least two days ahead."""
    found = timezone.localdate() + timedelta(days=2)
    while found.weekday() > 4:
        found += timedelta(days=1)
    return found


@pytest.fixture
def planned(shanghai: Any, approver: Any, dispatcher: Any, day: Any) -> list[VisitOrder]:
    """Nine visits of three crews, and four that wait to be planned."""
    now = timezone.now()
    agency = make_agency(territory=shanghai, contract_ends_on=day + timedelta(days=400), name="申城外访")
    pairs = [
        [make_member(agency=agency, exam_passed_on=day - timedelta(days=165)) for _one in range(2)]
        for _pair in range(3)
    ]
    for pair in pairs:
        for member in pair:
            member.certificates.update(valid_until=day + timedelta(days=300))
    made: list[VisitOrder] = []
    for number in range(13):
        case = make_case(territory=shanghai, is_tried=False, opened_on=day, sla_due_on=day)
        make_attempts(borrower=case.borrower, at=now)
        adcode, latitude, longitude = DISTRICTS[number % 3]
        address = case.borrower.addresses.get()
        address.adcode, address.point = adcode, f"{latitude + 0.004 * (number % 5)},{longitude + 0.005 * (number % 4)}"
        address.save(update_fields=["adcode", "point"])
        placement = make_placement(
            case=case, agency=agency, placed_on=day - timedelta(days=9), term_ends_on=day + timedelta(days=60)
        )
        order = make_order(
            case=case,
            placement=placement,
            state="APPROVED",
            approver=approver,
            approved_at=now,
            valid_until=day + timedelta(days=9),
        )
        if number < 9:
            starts_at = datetime(day.year, day.month, day.day, 9, 30, tzinfo=OFFICIAL_ZONE)
            starts_at += timedelta(minutes=90 * (number // 3) + 15 * (number % 3))
            lead, second = pairs[number % 3]
            order = assign_crew(order=order, lead=lead, second=second, starts_at=starts_at, actor=dispatcher, at=now)
        made.append(order)
    assert TriggerHit.objects.count() == Account.objects.count() == 13
    return made


def picture(browser: Any, name: str) -> None:
    folder = os.environ.get("DOORSTEP_PICTURES")
    if folder:
        browser.save_screenshot(f"{folder}/{name}.png")


def severe(browser: Any) -> list[str]:
    # What the guard refuses is answered with 409, which the browser logs; errors of scripts are in the same log.
    return [
        line["message"]
        for line in browser.get_log("browser")
        if line["level"] == "SEVERE" and "/keep/" not in line["message"]
    ]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_stop_is_dragged_answered_kept_and_put_back(
    browser: Any, live_server: Any, dispatcher: Any, planned: list[VisitOrder], day: Any, language: str
) -> None:
    browser.set_window_size(1280, 1500)
    _sign_in(browser, live_server.url, name=dispatcher.username, language=language)
    desk = Desk(browser, f"{live_server.url}/admin/visits/day-desk/?day={day.isoformat()}")
    desk.waits(lambda: len(desk.all(".dd-stop-mark")) == 9)
    assert {"黄浦区", "徐汇区", "杨浦区"} <= {label.text for label in desk.all(".dd-district")}
    picture(browser, f"desk-{language}")
    first = planned[0]

    # Onto the hour of another crew's visit: refused, and put back.
    desk.drag(first, onto=1, minutes=50)
    desk.waits(lambda: desk.all(".dd-refusal"))
    picture(browser, f"desk-refused-{language}")
    assert not desk.one("#desk-keep").is_displayed()
    desk.one("#desk-back").click()
    assert VisitOrder.objects.get(pk=first.pk).lead == first.lead

    # Outside of the hours of visits, by keys alone: the rule and its clause are named.
    desk.one(f".dd-block[data-order='{first.pk}']").send_keys(Keys.ENTER)
    browser.execute_script("document.getElementById('desk-time').value = '19:45'")
    desk.one("#desk-time").send_keys(Keys.ENTER)
    desk.says({"en": "House rule", "zh-hans": "本机构规则"}[language])

    # To the end of another crew's day: allowed, with its cost; kept.
    Select(desk.one("#desk-crew")).select_by_index(2)
    browser.execute_script("document.getElementById('desk-time').value = '15:40'")
    desk.one("#desk-ask button").click()
    desk.waits(lambda: desk.one("#desk-keep").is_displayed())
    assert len(desk.all(".dd-costs li")) == 2
    picture(browser, f"desk-allowed-{language}")
    desk.one("#desk-keep").click()
    desk.waits(lambda: VisitOrder.objects.get(pk=first.pk).lead == planned[2].lead)
    desk.says("15:40")

    assert severe(browser) == []


def test_a_day_is_planned_from_the_desk(
    browser: Any, live_server: Any, dispatcher: Any, planned: list[VisitOrder], day: Any
) -> None:
    from visits.services.dispatch.planning_worker import work_planning

    browser.set_window_size(1280, 1500)
    _sign_in(browser, live_server.url, name=dispatcher.username, language="en")
    desk = Desk(browser, f"{live_server.url}/admin/visits/day-desk/?day={day.isoformat()}")
    button = desk.one("button[value=plan]")
    browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()
    desk.waits(lambda: desk.all("#run-live"))
    run_id = int(browser.current_url.rstrip("/").split("/")[-2])
    picture(browser, "plan-waits")
    work_planning(run_id=run_id, at=timezone.now())
    desk.waits(lambda: "4" in desk.one("#run-live").text and "visits planned" in desk.one("#run-live").text)
    picture(browser, "plan-done")

    assert VisitOrder.objects.filter(state="SCHEDULED").count() == 13
    assert severe(browser) == []
