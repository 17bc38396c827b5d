"""From which address a request comes: one answer for every door that counts, locks, logs or lets in by address."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django_structlog.middlewares import RequestMiddleware

Address = IPv4Address | IPv6Address
UNKNOWN = ""
# One household or office has a whole network of this length in IPv6, and so any number of addresses.
IPV6_SITE_PREFIX = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedProxies:
    """Which proxies the installation trusts: so many before the program, or those of these networks."""

    count: int = 0
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    def is_trusted(self, address: Address) -> bool:
        """Return whether the address belongs to one of the trusted networks."""
        return any(address in network for network in self.networks)


@lru_cache(maxsize=8)
def trusted_proxies(text: str) -> TrustedProxies:
    """
    Return what DOORSTEP_PROXIES says: a number of proxies, or networks separated by commas ("10.0.0.0/8,::1").

    :raises ImproperlyConfigured: if it is neither.
    """
    given = text.strip() or "0"
    if given.isascii() and given.isdigit():
        return TrustedProxies(count=int(given))
    try:
        return TrustedProxies(networks=tuple(ip_network(part.strip(), strict=False) for part in given.split(",")))
    except ValueError as error:
        raise ImproperlyConfigured(
            "DOORSTEP_PROXIES is a number of proxies, or their networks separated by commas."
        ) from error


def client_address(request: HttpRequest) -> str:
    """
    Return the address of the client, past the trusted proxies; an empty text where there is none.

    Each proxy appends the address that it was called from to X-Forwarded-For. What stands further left than the trusted
    proxies wrote comes from the client itself and is not believed.
    """
    trusted = trusted_proxies(str(settings.PROXIES))
    caller = _parsed(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if trusted != TrustedProxies() else []
    if caller is None and trusted.count:
        # A proxy that calls through a socket file has no address, and would be one caller for everybody. It is the first
        # of those that are counted; nobody else can open the file.
        caller = _parsed(forwarded.pop()) if forwarded else None
        trusted = TrustedProxies(count=trusted.count - 1)
    if caller is None:
        return UNKNOWN
    return str(_client(caller=caller, forwarded=forwarded, trusted=trusted))


def client_site(request: HttpRequest) -> str:
    """Return the client's address as counters use it: in IPv6 the /64 network, whose addresses are all one client's."""
    text = client_address(request)
    address = _parsed(text)
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_SITE_PREFIX), strict=False))
    return text


class RequestLog(RequestMiddleware):
    """Adds the request's id, person and address to each log line; the address is `client_address`."""

    @classmethod
    def bind_ip(cls, request: HttpRequest) -> None:
        """Bind the address. The library's own would believe any X-Forwarded-For."""
        structlog.contextvars.bind_contextvars(ip=client_address(request))


def _client(*, caller: Address, forwarded: Iterable[str], trusted: TrustedProxies) -> Address:
    """Return the last address that a trusted proxy vouches for, going from the program outwards."""
    passed, client = 0, caller
    for entry in reversed(list(forwarded)):
        if not (trusted.is_trusted(client) if trusted.networks else passed < trusted.count):
            break
        before = _parsed(entry)
        if before is None:
            # A trusted proxy writes addresses only; the client is not known any further than this.
            break
        passed, client = passed + 1, before
    return client


def _parsed(text: Any) -> Address | None:
    """Return the address in `text`, also with a port ("1.2.3.4:80", "[::1]:80"); an IPv4 address in its own form."""
    given = str(text).strip()
    if given.startswith("["):
        given = given[1:].partition("]")[0]
    elif given.count(":") == 1:
        given = given.partition(":")[0]
    try:
        address = ip_address(given.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
