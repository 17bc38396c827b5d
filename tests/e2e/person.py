"""A person at a browser: signs in, follows links, presses buttons and fills in forms, all by the words on the page."""

from typing import Any

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

PATIENCE_SECONDS = 30


class Person:
    """One browser in which one person after another signs in. Pages are in English."""

    def __init__(self, *, browser: Any, address: str) -> None:
        self.browser = browser
        self.address = address

    def signs_in(self, *, name: str, password: str) -> None:
        """Sign in as `name` with a fresh session; the home page opens."""
        self.browser.get(f"{self.address}/admin/login/")
        self.browser.delete_all_cookies()
        self.browser.add_cookie({"name": "django_language", "value": "en", "path": "/"})
        self.browser.get(f"{self.address}/admin/")
        self.browser.find_element(By.NAME, "username").send_keys(name)
        self.browser.find_element(By.NAME, "password").send_keys(password)
        self.browser.find_element(By.CSS_SELECTOR, "form [type=submit]").click()
        self.waits(lambda: "/login/" not in self.browser.current_url)

    def waits(self, condition: Any) -> Any:
        """Wait until `condition()` is true and return its value; a page that is being replaced counts as not yet."""
        return WebDriverWait(self.browser, PATIENCE_SECONDS, ignored_exceptions=(Exception,)).until(
            lambda _browser: condition()
        )

    def follows(self, words: str) -> None:
        """Click the first visible link that holds `words`, and wait for another address."""
        before = self.browser.current_url
        self._click(self.waits(lambda: self._shown(By.PARTIAL_LINK_TEXT, words)))
        self.waits(lambda: self.browser.current_url != before)

    def opens_from_menu(self, words: str) -> None:
        """Open a page of the menu on the left; its group is unfolded first where it is folded."""
        before = self.browser.find_element(By.TAG_NAME, "html")
        link = self.waits(lambda: self._in_menu(words))
        if not link.is_displayed():
            self._click(link.find_element(By.XPATH, "ancestor::*[.//h2][1]//h2"))
            self.waits(link.is_displayed)
        self._click(link)
        self.waits(lambda: self._is_stale(before))

    def presses(self, label: str, *, under: str = "", **fields: str) -> None:
        """Press a button of a record's page, in the menu `under` if it has one, fill its dialog in, and send the dialog."""
        before = self.browser.find_element(By.TAG_NAME, "html")
        if under:
            self._click(self.waits(lambda: self._button(under)))
        self._click(self.waits(lambda: self._button(label)))
        dialog = self.waits(lambda: self._shown(By.CSS_SELECTOR, "form:has(input[name=_form_submitted])"))
        self.fills(dialog, **fields)
        self._click(dialog.find_element(By.CSS_SELECTOR, "[type=submit]"))
        self.waits(lambda: self._is_stale(before))

    def sends(self, **fields: str) -> None:
        """Fill the form of the page in, send it, and wait for the next page."""
        form = self.waits(lambda: self._shown(By.CSS_SELECTOR, "main form, #content form, form[novalidate]"))
        before = self.browser.find_element(By.TAG_NAME, "html")
        self.fills(form, **fields)
        self._click(form.find_element(By.CSS_SELECTOR, "[type=submit]"))
        self.waits(lambda: self._is_stale(before))

    def fills(self, form: Any, **fields: str) -> None:
        """Set fields by name: a choice by its value or words, a day by the browser's own picker, text by typing."""
        for name, value in fields.items():
            found = form.find_element(By.NAME, name)
            kind = found.get_attribute("type")
            if found.tag_name == "select":
                choice = Select(found)
                known = {option.get_attribute("value"): option.text for option in choice.options}
                choice.select_by_value(value if value in known else next(v for v, t in known.items() if value in t))
            elif kind in ("date", "datetime-local"):
                self.browser.execute_script("arguments[0].value = arguments[1]", found, value)
            else:
                found.clear()
                found.send_keys(value)

    def ticks(self, name: str, values: list[str]) -> None:
        """Tick the boxes of a field by their values."""
        for value in values:
            self._click(self.browser.find_element(By.CSS_SELECTOR, f"input[name={name}][value='{value}']"))

    def runs_on_selection(self, label: str) -> None:
        """Choose an action for the ticked rows of a list and run it."""
        before = self.browser.find_element(By.TAG_NAME, "html")
        choice = self.waits(lambda: self._shown(By.CSS_SELECTOR, "select[name=action]"))
        Select(choice).select_by_visible_text(label)
        self._click(self.waits(lambda: self._shown(By.CSS_SELECTOR, "button[name=index]")))
        self.waits(lambda: self._is_stale(before))

    def types(self, key: str) -> None:
        """Press a key that leads to another page, with nothing focused."""
        before = self.browser.find_element(By.TAG_NAME, "html")
        ActionChains(self.browser).send_keys(key).perform()
        self.waits(lambda: self._is_stale(before))

    def reads(self) -> str:
        """Return the words of the page."""
        return str(self.browser.find_element(By.TAG_NAME, "body").text)

    def _button(self, label: str) -> Any:
        path = f"//*[self::a or self::button][.//text()[normalize-space(.)='{label}']]"
        return next((each for each in self.browser.find_elements(By.XPATH, path) if each.is_displayed()), None)

    def _in_menu(self, words: str) -> Any:
        path = f"//*[@id='nav-sidebar']//a[.//text()[normalize-space(.)='{words}']]"
        return self.browser.find_element(By.XPATH, path)

    def _shown(self, by: str, what: str) -> Any:
        return next((each for each in self.browser.find_elements(by, what) if each.is_displayed()), None)

    def _click(self, found: Any) -> None:
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
        found.click()

    @staticmethod
    def _is_stale(element: Any) -> bool:
        try:
            element.is_enabled()
        except Exception:  # the page has gone, whatever the driver calls it
            return True
        return False
