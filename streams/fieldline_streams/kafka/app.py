"""The Faust application of one worker: what it shares, and its parts.

The lane reads on a consumer of its own; the judge, notices and the clock are agents and services beside it. Faust
balances the agents' partitions among the workers and keeps no truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import faust
from fieldline_trace.capture import Keys
from fieldline_trace.settings import Settings
from mode import Service
from yarl import URL

from fieldline_streams.kafka.connect import brokers, password, tls
from fieldline_streams.kafka.probe import add_probe
from fieldline_streams.kafka.running import Running


class WorkerApp(faust.App):
    """A Faust application that opens what its parts share before they begin, and closes it after they have ended."""

    running: Running

    async def on_first_start(self) -> None:
        """Connect first."""
        await self.running.open()
        await super().on_first_start()

    async def on_stop(self) -> None:
        """Whoever waits is told."""
        self.running.stopping.set()
        await super().on_stop()

    async def on_shutdown(self) -> None:
        """Let go last."""
        await super().on_shutdown()
        await self.running.close()


def create_app(settings: Settings) -> WorkerApp:
    """The application of a worker with the parts that ``settings`` name. Connects to nothing before it is started."""
    session = settings.kafka_session_seconds
    parts = settings.worker_parts.split(",")
    app = WorkerApp(
        f"{settings.kafka_prefix}{settings.kafka_group}-agents",
        broker=[URL(f"kafka://{address}") for address in brokers(settings)],
        broker_credentials=_credentials(settings),
        broker_session_timeout=session,
        broker_heartbeat_interval=session / 4,
        broker_rebalance_timeout=max(10.0, session),
        consumer_group_instance_id=None if settings.worker_id is None else f"{settings.worker_id}-agents",
        consumer_auto_offset_reset="earliest",
        datadir=str(settings.data_dir / "faust"),
        store="memory://",
        topic_disable_leader=True,
        topic_allow_declare=False,
        web_enabled=False,
        stream_wait_empty=False,
        worker_redirect_stdouts=False,
        autodiscover=False,
    )
    app.running = Running(settings)
    for part in parts:
        _ADD[part](app, app.running)
    if settings.worker_port:
        add_probe(app, app.running)
    if not app.agents:
        # A consumer of nothing would be refused by Faust.
        app.boot_strategy.enable_kafka = False
    return app


def _credentials(settings: Settings) -> Any:
    context = tls(settings)
    if settings.kafka_security.startswith("sasl"):
        return faust.SASLCredentials(
            username=settings.kafka_username,
            password=password(settings),
            ssl_context=context,
            mechanism=settings.kafka_mechanism,
        )
    return None if context is None else faust.SSLCredentials(context=context)


def _add_lane(app: WorkerApp, running: Running) -> None:
    from fieldline_streams.kafka.intake import Intake
    from fieldline_streams.kafka.lane import Lane
    from fieldline_streams.kafka.ledger_topic import LedgerTopic
    from fieldline_streams.kafka.rejected import RejectedTopic
    from fieldline_streams.kafka.unread import reading_on

    rejected = RejectedTopic(running)
    lane = Lane(running, Intake(running, rejected), LedgerTopic(running).publish, Keys())

    @app.service
    class CaptureLane(Service):
        """Runs the lane; if it fails, so does the worker."""

        @Service.task
        async def run(self) -> None:
            await lane.run()

        @Service.task
        async def tell(self) -> None:
            await rejected.run()

        @Service.task
        async def take_unread(self) -> None:
            await reading_on(running)

        async def on_stop(self) -> None:
            await lane.ended.wait()  # it would be cut off in the middle of a write


def _add_judge(app: WorkerApp, running: Running) -> None:
    from fieldline_streams.kafka.judge import add_judge

    add_judge(app, running)


def _add_notices(app: WorkerApp, running: Running) -> None:
    from fieldline_streams.kafka.notices import add_notices

    add_notices(app, running)


def _add_clock(app: WorkerApp, running: Running) -> None:
    from fieldline_streams.kafka.clock import add_clock

    add_clock(app, running)


_ADD: Final[dict[str, Callable[[WorkerApp, Running], None]]] = {
    "lane": _add_lane,
    "judge": _add_judge,
    "notices": _add_notices,
    "clock": _add_clock,
}
