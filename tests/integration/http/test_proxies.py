"""A proxy that is named is believed, and no other is: of who asks, and whether TLS was spoken."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fieldline_trace.settings import Settings
from pydantic import ValidationError

from tests.integration.http.conftest import listening_at

FORWARDED = {"x-forwarded-for": "192.0.2.7", "x-forwarded-proto": "https"}


async def logged_in(app: FastAPI, settings: Settings, key: str) -> httpx.Response:
    """What somebody who logs in by a proxy on this machine is answered."""
    async with (
        listening_at(app, settings) as port,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client,
    ):
        return await client.post("/login", data={"key": key, "next": "/"}, headers=FORWARDED)


@pytest.mark.parametrize(("proxies", "secure"), [("127.0.0.0/8", True), ("127.0.0.1,::1", True), ("10.0.0.0/8", False)])
async def test_a_cookie_is_shown_over_tls_alone_where_a_proxy_that_is_believed_says_that_it_spoke_it(
    app: FastAPI, client: httpx.AsyncClient, settings: Settings, proxies: str, secure: bool
) -> None:
    made = (await client.post("/v1/keys", json={"sender": "hof-1", "role": "producer"})).json()
    answer = await logged_in(app, settings.model_copy(update={"proxies": proxies}), made["key"])
    assert answer.status_code == 303
    assert ("; secure" in answer.headers["set-cookie"].lower()) is secure


@pytest.mark.parametrize("proxies", ["0.0.0.0/0", "::/0", "*", "ingress", "10.0.0.1/8"])
def test_nobody_is_believed_by_mistake(proxies: str) -> None:
    given: dict[str, Any] = {"proxies": proxies}
    with pytest.raises(ValidationError, match="proxies"):
        Settings(**given)
