"""Which addresses events may be sent to: public ones, and the private hosts that the installation names."""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

# IPv6 forms that carry an IPv4 address inside, which could be a private one.
_TRANSLATED = tuple(ip_network(n) for n in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))


class AddressRefused(Exception):
    """The address is not one that events may be sent to. The message names no personal data and no secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a request goes: the name for the certificate and the Host line, the address that it is pinned to."""

    scheme: str
    host: str
    port: int
    path: str
    address: str

    @property
    def host_line(self) -> str:
        """The value of the Host header."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        usual = 443 if self.scheme == "https" else 80
        return name if self.port == usual else f"{name}:{self.port}"


def resolve(*, url: str, private_hosts: Collection[str]) -> Destination:
    """
    Resolve and check `url` once; the request then goes to the address found here, whatever the name says later.

    Every address of the name must be public, and the scheme https; hosts in `private_hosts` (names as written in the
    URL) are exempt from both.

    :raises AddressRefused: if the URL is malformed, does not resolve, or leads to a network that is not public.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError as error:
        raise AddressRefused("malformed address") from error
    if parts.scheme not in ("http", "https") or not host or parts.username or parts.password:
        raise AddressRefused("malformed address")
    is_private = host in private_hosts
    if parts.scheme != "https" and not is_private:
        raise AddressRefused("only https leaves the house")
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise AddressRefused("the name does not resolve") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not is_private and not all(is_public(ip_address(address.partition("%")[0])) for address in addresses):
        raise AddressRefused("the address is not public")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(scheme=parts.scheme, host=host, port=port, path=path, address=addresses[0])


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address belongs to the public internet, also where IPv6 carries an IPv4 address inside."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved
