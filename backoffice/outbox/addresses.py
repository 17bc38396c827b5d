"""Which addresses events may be sent to: public ones, and the private hosts that the installation names."""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

# Networks that are not the public internet. The standard library's `is_global` takes some of them for public (site-local
# addresses, the relays of 6to4), and its tables change with the Python version; hence a list of our own beside it.
# Sources: the IANA registries of special-purpose addresses for IPv4 and IPv6.
_DENIED = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # shared by carriers
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, the clouds' metadata services among them
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",  # private
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "2001::/23",  # protocol assignments, Teredo among them: carries an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "2620:4f:8000::/48",  # AS112
        "3fff::/20",  # documentation
    )
)
# All public IPv6 addresses are in here; outside are NAT64 (64:ff9b::/96), site-local (fec0::/10) and the like.
_UNICAST = ip_network("2000::/3")


class AddressRefused(Exception):
    """The address is not one that events may be sent to. The message names no personal data and no secret."""


class Unresolved(AddressRefused):
    """The name has no address at this moment."""


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
        raise AddressRefused("the scheme is not https")
    port = port or (443 if parts.scheme == "https" else 80)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise Unresolved("the name does not resolve") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not is_private and not all(is_public(ip_address(address.partition("%")[0])) for address in addresses):
        raise AddressRefused("the address is not public")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(scheme=parts.scheme, host=host, port=port, path=path, address=addresses[0])


def check_url(*, url: str, private_hosts: Collection[str]) -> None:
    """
    Check a URL before it is kept: all that `resolve` checks, except that the name need not resolve yet.

    :raises AddressRefused: if the URL is malformed, not https, or leads to a network that is not public.
    """
    try:
        resolve(url=url, private_hosts=private_hosts)
    except Unresolved:
        return


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address belongs to the public internet, also where IPv6 carries an IPv4 address inside."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _UNICAST:
            return False
    if any(address in network for network in _DENIED):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
