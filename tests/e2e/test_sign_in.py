"""A case officer signs in, in both languages, and opens a case."""

from typing import Any

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as seen
from selenium.webdriver.support.ui import WebDriverWait

from tests.factories.casework import make_case
from tests.factories.portfolio import make_overdue

pytestmark = pytest.mark.django_db(transaction=True)


def _sign_in(browser: Any, address: str, *, name: str, language: str) -> None:
    browser.get(f"{address}/admin/login/")
    browser.add_cookie({"name": "django_language", "value": language, "path": "/"})
    browser.get(f"{address}/admin/login/")
    browser.find_element(By.NAME, "username").send_keys(name)
    browser.find_element(By.NAME, "password").send_keys("correct horse battery")
    browser.find_element(By.CSS_SELECTOR, "form [type=submit]").click()
    WebDriverWait(browser, 15).until_not(seen.url_contains("/login/"))


@pytest.mark.parametrize(
    ("language", "html_language", "words"),
    [("zh-hans", "zh-hans", ("案件", "逾期")), ("en", "en", ("Case", "Days past due"))],
)
def test_officer_signs_in_and_opens_a_case(
    browser: Any,
    live_server: Any,
    shanghai: Any,
    officer: Any,
    language: str,
    html_language: str,
    words: tuple[str, ...],
) -> None:
    case = make_case(account=make_overdue(territory=shanghai))

    _sign_in(browser, live_server.url, name=officer.username, language=language)
    browser.get(f"{live_server.url}/admin/cases/case/")
    browser.find_element(By.PARTIAL_LINK_TEXT, str(case)).click()
    WebDriverWait(browser, 15).until(seen.url_contains(f"/case/{case.pk}/"))

    assert browser.find_element(By.TAG_NAME, "html").get_attribute("lang") == html_language
    page = browser.find_element(By.TAG_NAME, "body").text
    assert [word for word in words if word not in page] == []
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert severe == []
