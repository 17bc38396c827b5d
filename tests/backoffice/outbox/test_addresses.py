"""Which addresses events may be sent to."""

from ipaddress import ip_address

import pytest

from backoffice.outbox.addresses import AddressRefused, is_public, resolve


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "192.0.2.1",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:1::1",
        "2001:db8::1",
        "::7f00:1",
        "fec0::1",
        "192.88.99.1",
        "64:ff9b:1::a00:1",
        "100::1",
        "3fff::1",
        "5f00::1",
        "240.0.0.1",
    ],
)
def test_is_public_refuses_private_networks_in_every_dress(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_is_public_takes_the_public_internet(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://0/",
        "https://169.254.169.254/latest/meta-data",
        "http://8.8.8.8/",
        "ftp://8.8.8.8/",
        "https:///x",
        "https://",
        "https://user:word@8.8.8.8/",
        "file:///etc/passwd",
        "https://8.8.8.8:99999/",
        "https://[::1",
        "gopher://1.1.1.1/",
    ],
)
def test_resolve_refuses_what_is_not_public(url):
    with pytest.raises(AddressRefused):
        resolve(url=url, private_hosts=())


def test_resolve_exempts_only_the_host_that_the_installation_names():
    assert resolve(url="http://127.0.0.1:8080/x?y=1", private_hosts=("127.0.0.1",)).host_line == "127.0.0.1:8080"
    with pytest.raises(AddressRefused):
        resolve(url="http://127.0.0.2:8080/", private_hosts=("127.0.0.1",))
