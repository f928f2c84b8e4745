"""Whether it lives, whether it works, and its figures: for whoever looks after it, without a key."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fieldline_trace.api.http.gate import PortsDep
from fieldline_trace.api.http.problems import documented, json


def add(app: FastAPI) -> None:
    """Put the routes into ``app``."""

    @app.get("/health/live", operation_id="live", summary="live")
    async def live() -> Response:
        """The process answers: ``{"live": true}``."""
        return json(200, {"live": True})

    @app.get("/health/ready", operation_id="ready", summary="ready", responses=documented(503))
    async def ready(ports: PortsDep) -> Response:
        """The database answers and the judge runs: ``{"ready", "position", "judged"}``; 503 while they do not."""
        return json(200, await ports.answers.ready())

    @app.get(
        "/metrics",
        operation_id="metrics",
        summary="metrics",
        response_class=Response,
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "For Prometheus."}},
    )
    async def metrics(ports: PortsDep) -> Response:
        """Every metric, in Prometheus' text format."""
        return Response(generate_latest(ports.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    @app.get("/openapi.json", operation_id="openapi", summary="openapi")
    async def openapi() -> Response:
        """This description, as OpenAPI 3.1."""
        return json(200, app.openapi())
