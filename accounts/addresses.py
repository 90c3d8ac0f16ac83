"""Where a caller comes from: the one reading of X-Forwarded-For, for limits, logs and the audit trail.

Each proxy appends the address that it was called from, so only the last TRUSTED_PROXIES entries are worth believing;
what stands before them was written by whoever calls.
"""

from ipaddress import IPv6Address, IPv6Network, ip_address

IPV6_NEIGHBOURS = 64
"""Bits: whoever has one IPv6 address has all that begin with the same ones."""


def client(peer: str, forwarded: str, *, proxies: int) -> str:
    """The caller's address: ``peer``, who is connected, or what the outermost of our ``proxies`` says of its caller.

    ``forwarded`` is the header, empty if there is none. Empty for what is no address at all, which is counted as one
    caller like any other.
    """
    hops = forwarded.split(",") if proxies and forwarded else [peer]
    # With fewer entries than proxies the first is what there is; checks tell the operator to count again.
    return _address(hops[-min(proxies or 1, len(hops))])


def network(address: str) -> str:
    """Whom to count as one caller: the address, of IPv6 the network that its owner was given."""
    if ":" not in address:
        return address
    return str(IPv6Network((address, IPV6_NEIGHBOURS), strict=False).network_address)


def _address(text: str) -> str:
    """One way to write each address; some proxies add a port, and IPv4 may come as IPv6."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)
