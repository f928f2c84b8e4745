"""Where notices may be posted to: by https to the public internet, and to this machine where the settings allow it."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
from fieldline_trace.errors import Rejected, Unavailable
from fieldline_trace.notices.targets import checked, target_of

PRIVATE = [
    "https://127.0.0.1/", "https://[::1]/", "https://10.1.2.3/", "https://192.168.0.1/", "https://172.16.0.1/",
    "https://169.254.169.254/latest", "https://0.0.0.0/", "https://[fe80::1]/", "https://[fd00::1]/",
    "https://[::ffff:10.0.0.1]/", "https://[64:ff9b::a00:1]/", "https://[2002:a00:1::]/", "https://224.0.0.1/",
    "https://100.64.0.1/", "https://255.255.255.255/", "https://[::127.0.0.1]/", "https://[::ffff:0:127.0.0.1]/",
    "https://[fec0::1]/", "https://[64:ff9b:1::a00:1]/", "https://[4000::1]/",
]  # fmt: skip


@pytest.mark.parametrize("url", ["https://hooks.example/a?b=c", "https://hooks.example:8443/", "https://1.1.1.1/",
                                 "https://[2606:4700:4700::1111]/", "https://[64:ff9b::101:101]/"])  # fmt: skip
def test_https_to_the_public_internet_is_allowed(url: str) -> None:
    assert checked(url, loopback=False) == url


@pytest.mark.parametrize("url", PRIVATE)
def test_an_address_that_only_we_can_reach_is_not(url: str) -> None:
    with pytest.raises(Rejected, match="public internet"):
        checked(url, loopback=False)


@pytest.mark.parametrize(
    "url", ["http://hooks.example/", "ftp://hooks.example/", "http://127.0.0.1/", "file:///etc/passwd"]
)
def test_nothing_but_https_is_allowed(url: str) -> None:
    with pytest.raises(Rejected, match=r"https|posted to"):
        checked(url, loopback=False)


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example", "https://", "https://user:secret@hooks.example/", "https://hooks.example/#there",
     "https://hooks.example:99999/", "https://hooks.example/ a", "https://höks.example/", "https://[::1"],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(url: str) -> None:
    with pytest.raises(Rejected, match=r"^url"):
        checked(url, loopback=False)


def test_this_machine_is_allowed_where_the_settings_say_so_and_no_other_of_ours() -> None:
    for url in ("http://127.0.0.1:8080/", "http://localhost/", "https://[::1]/"):
        assert checked(url, loopback=True) == url
    for url in ("http://10.0.0.1/", "https://10.0.0.1/", "http://hooks.example/"):
        with pytest.raises(Rejected):
            checked(url, loopback=True)


async def test_a_name_that_leads_to_an_address_of_ours_is_not_posted_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def found(host: str, port: int, **_: object) -> list[object]:
        addresses = {"both.example": ["1.1.1.1", "10.0.0.1"], "good.example": ["1.1.1.1"]}[host]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    with ThreadPoolExecutor(1) as names:
        assert await target_of("https://good.example/", names, loopback=False) == ("good.example", "1.1.1.1", 443)
        with pytest.raises(Unavailable, match=r"10\.0\.0\.1, which is not of the public internet"):
            await target_of("https://both.example/", names, loopback=False)


async def test_a_name_that_nobody_knows_is_said() -> None:
    with ThreadPoolExecutor(1) as names, pytest.raises(Unavailable, match="is not known"):
        await target_of("https://nobody.invalid/", names, loopback=False)
