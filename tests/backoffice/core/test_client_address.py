"""The client's address: what trusted proxies vouch for, and nothing that the client writes itself."""

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from backoffice.core.client_address import client_address, client_site, trusted_proxies

FORGED = "6.6.6.6"


def asked(caller: str, forwarded: str | None = None) -> Any:
    extra = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    return RequestFactory().get("/", REMOTE_ADDR=caller, **extra)


@pytest.mark.parametrize(
    ("proxies", "caller", "forwarded", "expected"),
    [
        ("0", "203.0.113.7", FORGED, "203.0.113.7"),
        ("", "203.0.113.7", FORGED, "203.0.113.7"),
        ("1", "10.0.0.1", f"{FORGED}, 203.0.113.7", "203.0.113.7"),
        ("1", "10.0.0.1", None, "10.0.0.1"),
        ("2", "10.0.0.1", f"{FORGED}, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("1", "10.0.0.1", f"{FORGED}, garbage", "10.0.0.1"),
        ("1", "10.0.0.1", "203.0.113.7:4711", "203.0.113.7"),
        ("1", "10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("1", "10.0.0.1", "::ffff:203.0.113.7", "203.0.113.7"),
        ("10.0.0.0/8", "10.0.0.1", f"{FORGED}, 203.0.113.7, 10.9.9.9", "203.0.113.7"),
        ("10.0.0.0/8", "203.0.113.7", FORGED, "203.0.113.7"),
        ("10.0.0.0/8,::1", "::1", f"{FORGED}, 203.0.113.7", "203.0.113.7"),
        ("0", "", FORGED, ""),
        # A proxy that calls through a socket file has no address of its own.
        ("1", "", f"{FORGED}, 203.0.113.7", "203.0.113.7"),
        ("2", "", f"{FORGED}, 203.0.113.7, 10.0.0.2", "203.0.113.7"),
        ("1", "", None, ""),
        ("1", "", "garbage", ""),
        ("10.0.0.0/8", "", FORGED, ""),
    ],
)
def test_client_address(settings: Any, proxies: str, caller: str, forwarded: str | None, expected: str) -> None:
    settings.PROXIES = proxies

    assert client_address(asked(caller, forwarded)) == expected


def test_client_site_takes_a_network_of_ipv6_for_one_client(settings: Any) -> None:
    settings.PROXIES = "0"

    assert client_site(asked("2001:db8:1:2:3::4")) == client_site(asked("2001:db8:1:2::9")) == "2001:db8:1:2::/64"
    assert client_site(asked("203.0.113.7")) == "203.0.113.7"


@pytest.mark.parametrize("text", ["-1", "x", "10.0.0.0/99", "1,2,x"])
def test_proxies_that_cannot_be_read_are_refused(text: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        trusted_proxies(text)


def test_metrics_are_closed_to_a_client_behind_a_local_proxy(client: Any, settings: Any, db: Any) -> None:
    settings.PROXIES, settings.METRICS_TOKEN = "1", ""

    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1, 203.0.113.7"}).status_code == 403
