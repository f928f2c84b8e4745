"""Where notices may be posted to: by https, to the public internet, and to the very address that was looked at.

Whoever names a receiver must not reach with it what only we can reach. So the name is looked up here, every address of
it is checked, and the connection goes to one of those, whatever the name says a moment later.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from concurrent.futures import Executor
from typing import NamedTuple
from urllib.parse import urlsplit

from fieldline_schemas.faults import Fault

from fieldline_trace.errors import Rejected, Unavailable

URL_MOST = 2000


class Target(NamedTuple):
    """A receiver's address: ``address`` in place of ``host``, which the certificate is held to."""

    host: str
    address: str
    port: int


def checked(url: str, *, loopback: bool) -> str:
    """``url``, if it may be posted to as far as its text says. ``Rejected`` where not. ``loopback``: this machine may
    be posted to, and without https."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        raise Rejected(Fault.of(url[:URL_MOST], "webhook_url", "url")) from None
    if not host or len(url) > URL_MOST or parts.username is not None or parts.fragment or port == 0:
        raise Rejected(Fault.of(url[:URL_MOST], "webhook_url", "url"))
    if not url.isascii() or any(letter.isspace() or not letter.isprintable() for letter in url):
        raise Rejected(Fault.of(url[:URL_MOST], "webhook_url", "url"))
    if parts.scheme != "https" and not (loopback and parts.scheme == "http" and _is_loopback(host)):
        raise Rejected(Fault.of(url[:URL_MOST], "webhook_https", "url"))
    literal = _literal(host)
    if literal is not None and not _allowed(literal, loopback):
        raise Rejected(Fault.of(url[:URL_MOST], "webhook_public", "url"))
    return url


async def target_of(url: str, names: Executor, *, loopback: bool) -> Target:
    """Where ``url`` leads now, looked up in ``names``. ``Unavailable`` where its name is not known or an address of it
    may not be posted to."""
    parts = urlsplit(checked(url, loopback=loopback))
    assert parts.hostname is not None
    port = parts.port or (443 if parts.scheme == "https" else 80)
    loop = asyncio.get_running_loop()
    try:
        found = await loop.run_in_executor(
            names, lambda: socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        )
    except (OSError, UnicodeError) as error:
        raise Unavailable(f"the name {parts.hostname} is not known: {error}") from error
    addresses = [str(one[4][0]) for one in found]
    for address in addresses:
        if not _allowed(ipaddress.ip_address(address), loopback):
            raise Unavailable(f"{parts.hostname} is {address}, which is not of the public internet")
    return Target(parts.hostname, addresses[0], port)


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" if literal is None else literal.is_loopback


def _allowed(address: ipaddress.IPv4Address | ipaddress.IPv6Address, loopback: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return _allowed(inner, loopback)
        if address in _NAT64:
            return _allowed(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF), loopback)
        if not address.is_loopback and address not in _GIVEN_OUT:
            return False
    if address.is_loopback:
        return loopback
    return address.is_global and not address.is_multicast


_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GIVEN_OUT = ipaddress.IPv6Network("2000::/3")
"""All that is given out of the public internet. What Python takes for global has more: old forms of IPv4 addresses,
sites' own, and translations that a network made for itself."""
