"""A crew member's telephone: 360 px wide, with a camera, a microphone, a position and a clock that a test sets."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import time_machine
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

from tests.e2e.conftest import FLAGS
from tests.e2e.cut_network import Network

PATIENCE_SECONDS = 30
# The page's clock goes by the test's: the server is in another year than the browser.
CLOCK = """
(() => {
    const shift = %d, Real = Date;
    window.Date = new Proxy(Real, {
        construct: (_target, given) => given.length ? new Real(...given) : new Real(Real.now() + shift),
        get: (target, name) => name === "now" ? () => Real.now() + shift : target[name],
    });
})();
"""


class Phone:
    """One telephone. `network` can be cut."""

    def __init__(self, *, browser: Any, network: Network, place: tuple[float, float]) -> None:
        self.browser, self.network = browser, network
        shift = round(1000 * (time.time() - time_machine.escape_hatch.time.time()))
        self.tells("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)
        self.tells("Emulation.setTouchEmulationEnabled", enabled=True)
        self.tells("Browser.grantPermissions", permissions=["geolocation", "audioCapture"], origin=network.address)
        self.tells("Emulation.setGeolocationOverride", latitude=place[0], longitude=place[1], accuracy=12)
        self.tells("Page.addScriptToEvaluateOnNewDocument", source=CLOCK % shift)

    def tells(self, command: str, **values: Any) -> Any:
        """Send a command of the developer tools."""
        return self.browser.execute_cdp_cmd(command, values)

    def signs_in(self, *, name: str, language: str = "en") -> None:
        """Sign in on the page that leads to the crew's page."""
        self.browser.get(f"{self.network.address}/admin/login/")
        self.browser.add_cookie({"name": "django_language", "value": language, "path": "/"})
        self.browser.get(f"{self.network.address}/field/")
        self.browser.find_element(By.NAME, "username").send_keys(name)
        self.browser.find_element(By.NAME, "password").send_keys("correct horse battery")
        self.browser.find_element(By.CSS_SELECTOR, "form [type=submit]").click()
        self.is_ready()

    def is_ready(self) -> None:
        """Wait until the page has begun."""
        self.waits(lambda: self.browser.execute_script("return document.body.dataset.ready") == "yes")

    def keeps_the_page(self) -> None:
        """Wait until the service worker has kept the page."""
        self.waits(
            lambda: self.browser.execute_async_script(
                "const done = arguments[0]; caches.match('/field/', {cacheName: 'doorstep-field-page'}).then(found => done(Boolean(found)))"
            )
        )

    def goes_offline(self) -> None:
        """Cut the network, under the browser and for it."""
        self.network.cut()
        self._throttle(offline=True)

    def comes_online(self) -> None:
        """Restore the network."""
        self.network.restore()
        self._throttle(offline=False)

    def _throttle(self, *, offline: bool) -> None:
        self.tells(
            "Network.emulateNetworkConditions", offline=offline, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    def is_killed_and_opened_again(self) -> None:
        """Load the page anew where it is, as a telephone does that had ended it."""
        self.browser.execute_script("delete document.body.dataset.ready")
        self.browser.execute_script("window.onbeforeunload = null; location.reload()")
        self.is_ready()

    def waits(self, condition: Any) -> Any:
        """Wait until `condition()` is true; a page that is being drawn anew counts as not yet."""
        return WebDriverWait(self.browser, PATIENCE_SECONDS, ignored_exceptions=(Exception,)).until(
            lambda _browser: condition()
        )

    def one(self, selector: str) -> Any:
        """Return the element, once it is there."""
        return self.waits(lambda: self.browser.find_element(By.CSS_SELECTOR, selector))

    def sees(self, selector: str) -> bool:
        """Return whether the element is there now."""
        return bool(self.browser.execute_script("return document.querySelector(arguments[0]) !== null", selector))

    def presses(self, selector: str) -> None:
        """Press a visible element that can be pressed."""

        def press() -> bool:
            found = self.browser.find_element(By.CSS_SELECTOR, selector)
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", found)
            if not found.is_enabled():
                return False
            found.click()
            return True

        self.waits(press)

    def opens(self, step: str) -> None:
        """Open a step of the visit."""
        if not self.browser.execute_script("return document.getElementById(arguments[0])?.open", f"step-{step}"):
            self.presses(f"#step-{step} > summary")
        self.waits(lambda: self.browser.execute_script(f"return document.getElementById('step-{step}').open"))

    def ticks(self, name: str, *values: str) -> None:
        """Tick a box, or those of a list."""
        for each in values or ("",):
            value = f"[value='{each}']" if each else ""
            self.waits(lambda s=f"input[name={name}]{value}": self._ticked(s))

    def _ticked(self, selector: str) -> bool:
        box = self.browser.find_element(By.CSS_SELECTOR, selector)
        if not box.is_selected():
            self.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
            box.click()
        return bool(self.browser.find_element(By.CSS_SELECTOR, selector).is_selected())

    def chooses(self, name: str, value: str, *, within: str = "") -> None:
        """Choose from a list by value."""

        def choose() -> bool:
            Select(self.browser.find_element(By.CSS_SELECTOR, f"{within} select[name={name}]")).select_by_value(value)
            return True

        self.waits(choose)

    def types(self, name: str, text: str) -> None:
        """Type into a field."""
        field = self.one(f"[name={name}]")
        field.clear()
        field.send_keys(text)

    def photographs(self, selector: str, file: Path) -> None:
        """Take a photograph: the camera gives this file."""
        before = len(self.browser.find_elements(By.CSS_SELECTOR, ".photo, #step-arrive .note.good"))

        def take() -> bool:
            self.browser.find_element(By.CSS_SELECTOR, selector).send_keys(str(file))
            return True

        self.waits(take)
        self.waits(lambda: len(self.browser.find_elements(By.CSS_SELECTOR, ".photo, #step-arrive .note.good")) > before)

    def pictures(self, name: str) -> None:
        """Keep a picture of the whole page, where the environment asks for pictures."""
        folder = os.environ.get("DOORSTEP_PICTURES")
        if folder:
            height = self.browser.execute_script("return document.documentElement.scrollHeight")
            self.tells("Emulation.setDeviceMetricsOverride", width=360, height=height, deviceScaleFactor=1, mobile=True)
            self.browser.save_screenshot(f"{folder}/{name}.png")
            self.tells("Emulation.setDeviceMetricsOverride", width=360, height=740, deviceScaleFactor=2, mobile=True)

    def too_small(self) -> list[str]:
        """Return what can be pressed and is lower than 44 px, and whatever makes the page wider than the screen."""
        return list(
            self.browser.execute_script(
                """
                const small = [...document.querySelectorAll("button, a, summary, select, input:not([type=checkbox]):not([type=hidden]), label.tick")]
                    .filter((each) => each.offsetParent && each.getBoundingClientRect().height < 43.5)
                    .map((each) => `${each.tagName} ${each.textContent.trim().slice(0, 30)} ${each.getBoundingClientRect().height}`);
                return document.documentElement.scrollWidth > innerWidth ? [...small, `wide ${document.documentElement.scrollWidth}`] : small;
                """
            )
        )

    def severe(self) -> list[str]:
        """Return errors of the page, but not those of a cut network or an answer that refuses."""
        lines = self.browser.get_log("browser")
        return [
            json.dumps(line)
            for line in lines
            if line["level"] == "SEVERE" and not any(w in line["message"] for w in ("net::ERR", "the server responded"))
        ]


@contextmanager
def phone(*, server: Any, folder: Path, place: tuple[float, float]) -> Iterator[Phone]:
    """Give a fresh telephone whose network leads to `server`."""
    options = Options()
    options.binary_location = shutil.which("chromium") or ""
    more = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", f"--user-data-dir={folder}")
    for flag in (*FLAGS, *more):
        options.add_argument(flag)
    options.set_capability("unhandledPromptBehavior", "accept")
    browser = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    network = Network(port=server.thread.port)
    try:
        yield Phone(browser=browser, network=network, place=place)
    except BaseException:
        with_picture = folder.with_suffix(".png")
        browser.save_screenshot(str(with_picture))
        print(f"{browser.current_url} looked like {with_picture}")  # noqa: T201 - pytest shows it with the failure
        raise
    finally:
        browser.quit()
        network.close()
