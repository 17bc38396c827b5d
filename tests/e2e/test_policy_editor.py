"""A risk manager builds a rule by clicking, reads its sentence and count, saves and submits the draft."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait

from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.e2e.test_sign_in import _sign_in
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import AT, make_overdue

pytestmark = pytest.mark.django_db(transaction=True)

GATE = {"feature": "days_past_due", "op": "gte", "value": 1}


class Editor:
    """The policy editor's page, used through its visible controls."""

    def __init__(self, browser: Any, address: str) -> None:
        self.browser = browser
        browser.get(address)
        self.waits(lambda: "✓" in self.one("#fault-count").text)

    def one(self, selector: str) -> Any:
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def waits(self, condition: Any) -> None:
        WebDriverWait(self.browser, 15).until(lambda _browser: condition())

    def click(self, selector: str) -> None:
        found = self.one(selector)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    def choose(self, selector: str, value: str) -> None:
        Select(self.one(selector)).select_by_value(value)

    def types(self, selector: str, text: str) -> None:
        found = self.one(selector)
        found.send_keys(Keys.CONTROL, "a")
        found.send_keys(text)


@pytest.fixture
def draft(risk_manager: Any, shanghai: Any) -> PolicyVersion:
    make_version(number=7, gate=GATE, rules=[make_rule()], rewards=[], restrictions=[])
    for arrears, days in (("25000", 40), ("45000", 95), ("65000", 120)):
        make_facts(account=make_overdue(territory=shanghai, arrears=arrears, days=days))
    body = policy_body(gate=GATE, rules=[make_rule()], rewards=[], restrictions=[])
    return versions.draft_version(body=body, note="", actor=risk_manager, at=AT)


def severe(browser: Any) -> list[str]:
    # The check of an invalid body answers 400, which the browser logs; errors of scripts are in the same log.
    return [
        line["message"]
        for line in browser.get_log("browser")
        if line["level"] == "SEVERE" and "/check/" not in line["message"]
    ]


def test_a_rule_is_built_by_clicking_saved_and_submitted(
    browser: Any, live_server: Any, risk_manager: Any, draft: PolicyVersion
) -> None:
    _sign_in(browser, live_server.url, name=risk_manager.username, language="en")
    page = Editor(browser, f"{live_server.url}/admin/cases/policyversion/{draft.pk}/revise/")
    page.waits(lambda: page.one("#policy-total").text == "3")

    # A second condition narrows the rule: the sentence and the count change.
    page.click("[data-path='rules[0]'] .pe-add")
    row = "[data-path='rules[0].when.all[1]']"
    page.waits(lambda: browser.find_elements(By.CSS_SELECTOR, row))
    page.choose(f"{row} .pe-feature", "days_past_due")
    page.types(f"{row} .pe-number input", "-4")
    page.waits(lambda: "0 to 100000" in page.one(f"{row} .pe-fault").text)
    page.types(f"{row} .pe-number input", "90")
    page.waits(lambda: page.one("#policy-total").text == "2")
    said = page.one("[data-path='rules[0]'] .pe-said p[lang=en]").text
    assert "Arrears at least CNY 20,000; and Days past due at least 90 days: open a case of priority 2" in said
    assert "逾期天数" in page.one("[data-path='rules[0]'] .pe-said p[lang=zh-Hans]").text
    assert page.one("[data-path='rules[0]'] .pe-left").text == "−1"

    # Undo brings a removed condition back.
    page.click(f"{row} .pe-danger")
    page.waits(lambda: page.one("#policy-total").text == "3")
    page.click(".pe-toast button")
    page.waits(lambda: page.one("#policy-total").text == "2")

    # Save with a note, then submit.
    page.types("#policy-note", "Only from 90 days on")
    page.click("#save-draft")
    page.waits(lambda: PolicyVersion.objects.get(pk=draft.pk).note == "Only from 90 days on")
    assert PolicyVersion.objects.get(pk=draft.pk).body["rules"][0]["when"]["all"][1]["value"] == 90
    page.waits(lambda: page.one(".pe-badge").text == "All saved")
    page.click("#submit-draft")
    page.waits(lambda: browser.find_elements(By.ID, "submit-version"))
    for tick in browser.find_elements(By.CSS_SELECTOR, ".pe-accept input"):
        tick.click()
    page.click("#submit-version")
    page.waits(lambda: PolicyVersion.objects.get(pk=draft.pk).state == "SUBMITTED")
    assert severe(browser) == []


def test_conditions_are_moved_and_grouped_by_keys_and_the_text_view_holds_the_same(
    browser: Any, live_server: Any, risk_manager: Any, draft: PolicyVersion
) -> None:
    _sign_in(browser, live_server.url, name=risk_manager.username, language="zh-hans")
    page = Editor(browser, f"{live_server.url}/admin/cases/policyversion/{draft.pk}/revise/")
    first = "[data-path='gate']"
    page.one(f"{first} .pe-number input").send_keys(Keys.CONTROL, Keys.ENTER)
    page.waits(lambda: browser.find_elements(By.CSS_SELECTOR, "[data-path='gate.all[1]']"))
    page.choose("[data-path='gate.all[1]'] .pe-feature", "arrears_amount")
    page.types("[data-path='gate.all[1]'] .pe-number input", "100")

    browser.switch_to.active_element.send_keys(Keys.ALT, Keys.ARROW_UP)
    page.waits(lambda: page.one("[data-path='gate.all[0]'] .pe-feature").get_attribute("value") == "arrears_amount")
    page.click("[data-path='gate.all[0]'] .pe-not")
    page.click(".pe-bar-buttons .pe-button")
    text = page.one("#policy-json").get_attribute("value")

    assert '"not": {' in text
    page.one("#policy-json").send_keys(Keys.CONTROL, "a")
    page.one("#policy-json").send_keys(text.replace("LARGE_ARREARS", "FROM_TEXT").replace("\n", " "))
    page.click(".pe-bar-buttons .pe-button")
    page.waits(lambda: page.one("[data-path='rules[0]'] .pe-code").get_attribute("value") == "FROM_TEXT")
    page.one("body").send_keys(Keys.CONTROL, "s")
    page.waits(lambda: PolicyVersion.objects.get(pk=draft.pk).body["rules"][0]["code"] == "FROM_TEXT")
    assert severe(browser) == []


def test_what_somebody_else_saved_is_not_overwritten(
    browser: Any, live_server: Any, risk_manager: Any, person: Any, draft: PolicyVersion
) -> None:
    _sign_in(browser, live_server.url, name=risk_manager.username, language="en")
    page = Editor(browser, f"{live_server.url}/admin/cases/policyversion/{draft.pk}/revise/")
    other = person("RISK_MANAGER", name="other")
    versions.revise_version(version=draft, body=draft.body, note="theirs", actor=other, at=AT.replace(hour=9))

    page.types("#policy-note", "mine")
    page.waits(lambda: page.one("#save-draft").is_enabled())
    page.click("#save-draft")
    page.waits(lambda: browser.find_elements(By.ID, "save-conflict"))

    assert PolicyVersion.objects.get(pk=draft.pk).note == "theirs"
    assert page.one("#policy-note").get_attribute("value") == "mine"
    page.click("#save-conflict .pe-primary")
    page.waits(lambda: PolicyVersion.objects.get(pk=draft.pk).note == "mine")
