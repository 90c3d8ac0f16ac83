"""Where a caller comes from."""

import pytest

from accounts import addresses


@pytest.mark.parametrize(
    ("peer", "forwarded", "proxies", "expected"),
    [
        ("203.0.113.7", "", 0, "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", 0, "203.0.113.7"),
        ("10.0.0.1", "", 1, "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "spoofed, 198.51.100.1", 1, "198.51.100.1"),
        ("10.0.0.1", "spoofed, 198.51.100.1, 10.0.0.2", 2, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1", 2, "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1:4711", 1, "198.51.100.1"),
        ("10.0.0.1", '"[2001:db8::1]:4711"', 1, "2001:db8::1"),
        ("10.0.0.1", "2001:DB8:0::1", 1, "2001:db8::1"),
        ("::ffff:203.0.113.7", "", 0, "203.0.113.7"),
        ("fe80::1%eth0", "", 0, "fe80::1"),
        ("10.0.0.1", "unknown", 1, ""),
        ("10.0.0.1", "alice@example.org\r\n", 1, ""),
        ("10.0.0.1", ",", 1, ""),
        ("", "", 0, ""),
    ],
)
def test_client(peer: str, forwarded: str, proxies: int, expected: str) -> None:
    assert addresses.client(peer, forwarded, proxies=proxies) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::"),
        ("2001:db8:0:0:ffff::2", "2001:db8::"),
        ("2001:db8:0:1::1", "2001:db8:0:1::"),
        ("", ""),
    ],
)
def test_network(address: str, expected: str) -> None:
    assert addresses.network(address) == expected
