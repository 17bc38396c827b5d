"""How often the page may be asked for: by caller, by code and by all; also behind a proxy, and whatever a caller writes."""

from dataclasses import replace

import pytest
import time_machine

from tests.factories.visits import VISIT_AT
from visits.public import letter_limits

PROXY = "10.0.0.1"


@pytest.fixture(autouse=True)
def _one_window(db):
    with time_machine.travel(VISIT_AT, tick=False):
        yield


@pytest.fixture
def fewer(monkeypatch):
    """Return a function that lowers a limit for the test."""

    def lower(name, most):
        monkeypatch.setattr(letter_limits, name, replace(getattr(letter_limits, name), most=most))

    return lower


def statuses(client, number, *, code="nonsense", caller=PROXY, forwarded=None):
    extra = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return [client.get(f"/v/{code}", REMOTE_ADDR=caller, headers=extra).status_code for _each in range(number)]


def test_a_caller_is_turned_away_after_thirty_a_minute(client):
    assert statuses(client, 31) == [404] * 30 + [429]
    assert statuses(client, 1, code="another") == [429]


def test_a_caller_without_a_proxy_escapes_by_no_header(client, settings):
    settings.PROXIES = "0"
    asked = [statuses(client, 1, forwarded=f"203.0.113.{n}")[0] for n in range(31)]

    assert asked == [404] * 30 + [429]


def test_a_caller_behind_a_proxy_escapes_by_no_header(client, settings):
    settings.PROXIES = "1"
    asked = [statuses(client, 1, forwarded=f"6.6.6.{n}, 203.0.113.7")[0] for n in range(31)]

    assert asked == [404] * 30 + [429]


@pytest.mark.parametrize("address", [PROXY, ""])
def test_callers_behind_one_proxy_are_counted_apart(client, settings, address):
    settings.PROXIES = "1"

    assert statuses(client, 31, code="a", caller=address, forwarded="203.0.113.7")[-1] == 429
    assert statuses(client, 1, code="b", caller=address, forwarded="203.0.113.8") == [404]


def test_a_network_of_ipv6_is_one_caller(client, settings):
    settings.PROXIES = "1"
    asked = [statuses(client, 1, forwarded=f"2001:db8:1:2::{n:x}")[0] for n in range(31)]

    assert asked == [404] * 30 + [429]
    assert statuses(client, 1, forwarded="2001:db8:1:3::1") == [404]


def test_one_code_is_asked_for_sixty_times_a_minute_by_all(client):
    asked = [statuses(client, 1, code="one", caller=f"203.0.113.{n}")[0] for n in range(61)]

    assert asked == [404] * 60 + [429]
    assert statuses(client, 1, code="two", caller="203.0.113.200") == [404]


def test_all_together_have_a_limit_that_a_refused_caller_does_not_use_up(client, fewer):
    fewer("CALLER", 2)
    fewer("EVERYBODY", 4)

    assert statuses(client, 6, caller="203.0.113.1") == [404, 404, 429, 429, 429, 429]
    assert statuses(client, 1, caller="203.0.113.2") == [404]
    assert statuses(client, 2, caller="203.0.113.3") == [404, 429]


def test_answers_to_one_letter_are_twenty_an_hour(client):
    sent = [client.post("/v/one?do=decline", REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(21)]

    assert sent == [422] * 20 + [429]
    # Looking is not sending.
    assert statuses(client, 1, code="one", caller="203.0.113.99") == [404]
