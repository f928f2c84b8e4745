"""All settings, in one place. Each is read from the environment as ``FIELDLINE_`` and its name in capitals."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlsplit, urlunsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PARTS = ("lane", "judge", "notices", "clock")
"""What a worker may do."""


class Settings(BaseSettings):
    """What an installation may set. ``fieldline settings`` prints each with its value and this description."""

    model_config = SettingsConfigDict(env_prefix="FIELDLINE_", extra="ignore", frozen=True)

    data_dir: Path = Field(
        default_factory=lambda: Path.home() / ".fieldline",
        description="Folder of the embedded PostgreSQL, its log, and the file that says where a running service is.",
    )
    database_url: str | None = Field(
        default=None,
        description="PostgreSQL (18 or later) to use, as postgresql://…, instead of the embedded one in data_dir.",
    )
    database_password_file: Path | None = Field(
        default=None, description="File that holds the password of the user that database_url names."
    )
    postgres_start_seconds: float = Field(
        default=120.0,
        gt=0,
        description="How long the embedded PostgreSQL may take to start, recovery after a crash included, in seconds.",
    )
    pool_size: int = Field(default=8, ge=2, le=64, description="Most connections to PostgreSQL that one process holds.")
    statement_seconds: float = Field(
        default=300.0, gt=0, description="Longest time that one statement may take, in seconds."
    )
    capture_events: int = Field(
        default=2000,
        ge=1,
        le=65535,
        description="Most events in one micro-batch: one transaction, one ledger entry.",
    )
    capture_window_ms: float = Field(
        default=5.0,
        ge=0,
        description="How long capture waits for more events before it writes a micro-batch, in milliseconds.",
    )
    event_bytes: int = Field(
        default=1_000_000,
        ge=1_000,
        description="Largest event that is read, in bytes. A larger one is refused, and kept like all that is.",
    )
    body_bytes: int = Field(
        default=64_000_000, ge=1_000, description="Largest request that the HTTP door reads, in bytes."
    )
    body_events: int = Field(default=50_000, ge=1, description="Most events that the HTTP door takes in one request.")
    body_seconds: float = Field(
        default=30.0,
        gt=0,
        description="How long the head of a request may take to come, and then its body, in seconds.",
    )
    request_seconds: float = Field(
        default=60.0,
        gt=0,
        description="How long an answer by HTTP may take, in seconds; what walks the whole ledger may take longer.",
    )
    connections: int = Field(default=1000, ge=10, description="Most connections that the HTTP door keeps open at once.")
    failures_per_minute: int = Field(
        default=30, ge=1, description="Unknown keys that one address may try in a minute before it has to wait."
    )
    worlds_kept: int = Field(
        default=2,
        ge=1,
        le=100,
        description="Earlier states of knowledge that are kept for who asks for them again; each takes as much memory "
        "as the present one.",
    )
    feed_items: int = Field(
        default=10_000,
        ge=100,
        description="Last items of the live feed that are kept for its readers; one further behind has to resume.",
    )
    feed_readers: int = Field(default=500, ge=1, description="Most readers of the live feed at once.")
    notice_loopback: bool = Field(
        default=False,
        description="Whether notices may be posted to this machine itself, and there without https: for trials.",
    )
    notice_seconds: float = Field(
        default=10.0, gt=0, le=120, description="How long a receiver may take to answer a notice, in seconds."
    )
    notice_tries: int = Field(
        default=12, ge=1, le=100, description="How often a notice is posted before it is given up."
    )
    notice_pause_seconds: float = Field(
        default=5.0,
        gt=0,
        le=3600,
        description="Pause after the first try of a notice that failed, in seconds; each next one is three times as "
        "long, up to six hours.",
    )
    notice_days: int = Field(
        default=30, ge=1, le=3650, description="How long notices that arrived are listed, in days."
    )
    kafka: str | None = Field(
        default=None,
        description="Kafka brokers to start from, as host:port,host:port; without it fieldline runs embedded, in one "
        "process.",
    )
    kafka_security: Literal["plaintext", "sasl_plaintext", "ssl", "sasl_ssl"] = Field(
        default="plaintext", description="How the brokers are spoken to: plaintext, sasl_plaintext, ssl or sasl_ssl."
    )
    kafka_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = Field(
        default="SCRAM-SHA-512", description="SASL mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."
    )
    kafka_username: str | None = Field(default=None, description="Name that the brokers know this process by (SASL).")
    kafka_password: SecretStr | None = Field(default=None, description="Password for kafka_username.")
    kafka_password_file: Path | None = Field(default=None, description="File that holds the password.")
    kafka_ca: Path | None = Field(
        default=None, description="File of the authorities (PEM) that vouch for the brokers; without it the system's."
    )
    kafka_cert: Path | None = Field(default=None, description="File of this process's own certificate (PEM).")
    kafka_key: Path | None = Field(default=None, description="File of the private key of kafka_cert (PEM).")
    kafka_prefix: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9._-]{0,64}$",
        description="Put before the name of every topic, for several deployments on one cluster.",
    )
    kafka_group: str = Field(
        default="fieldline",
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Consumer group of the workers, and under which their offsets are kept in PostgreSQL.",
    )
    kafka_session_seconds: float = Field(
        default=8.0,
        ge=1,
        le=300,
        description="How long a worker may be silent before others take its partitions, in seconds.",
    )
    kafka_replicas: int = Field(
        default=1, ge=1, le=15, description="Copies of each partition that fieldline topics --create asks for."
    )
    kafka_trust: Literal["signatures", "headers"] = Field(
        default="signatures",
        description="Who says an event on Kafka: whoever signed it with a key (signatures), or also whom its headers "
        "name (headers), where only who may speak so can write to the topics.",
    )
    worker_id: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Name of this worker, which no other one bears; without it, the host's name and the lowest number "
        "free in data_dir.",
    )
    worker_parts: str = Field(
        default="lane,judge,notices,clock",
        description="What this worker does, with commas between: lane, judge, notices, clock.",
    )
    worker_port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port of host on which a worker says whether it works, and its metrics; 0: it does not.",
    )
    log_format: Literal["console", "json"] = Field(
        default="console", description="How serve and worker log: console, for people, or json, one object a line."
    )
    log_level: Literal["debug", "info", "warning"] = Field(
        default="info", description="From what on serve and worker log: debug, info or warning."
    )
    lane_events: int = Field(
        default=4000, ge=1, le=65535, description="Most events that a lane takes from Kafka in one micro-batch."
    )
    lane_fetch_bytes: int = Field(
        default=65_536,
        ge=1,
        description="The lane waits for as many bytes before it takes events from a broker, for lane_fetch_ms at most.",
    )
    lane_fetch_ms: int = Field(
        default=20, ge=1, le=10_000, description="How long a broker may wait for lane_fetch_bytes, in milliseconds."
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address that the HTTP door listens on; the loopback address is reached from this machine alone.",
    )
    port: int = Field(
        default=0,
        ge=0,
        le=65535,
        description="Port that the HTTP door listens on; 0 takes any that is free.",
    )
    proxies: str = Field(
        default="127.0.0.1,::1",
        description="Addresses and networks (10.0.0.0/8) of proxies, comma-separated, whose X-Forwarded-For and "
        "X-Forwarded-Proto are believed.",
    )
    url: str | None = Field(
        default=None,
        description="Address of a service that commands use, as https://…, instead of what runs on data_dir.",
    )
    key: SecretStr | None = Field(default=None, description="Key that commands show to the service at url.")
    webhook_key_file: Path | None = Field(
        default=None,
        description="File with a key, of 32 characters at least, under which secrets of webhooks are kept sealed; "
        "of several lines the first seals, all open. Unset: they are kept as they are.",
    )
    key_file: Path | None = Field(
        default=None, description="File that holds the key which commands show to the service at url."
    )
    lang: Literal["en", "zh"] = Field(
        default="en", description="Language in which commands say what is wrong, and alerts: en or zh."
    )
    sender: str = Field(
        default="local",
        min_length=1,
        max_length=256,
        description="Who speaks on the command line: sender of its events.",
    )
    role: str = Field(
        default="producer",
        description="Role of who speaks on the command line: producer, laboratory, regulator, emergency…",
    )

    @model_validator(mode="before")
    @classmethod
    def _with_password(cls, given: Any) -> Any:
        """Puts the password of its file into the address, where everybody finds it."""
        if not isinstance(given, dict) or not (file := given.get("database_password_file")):
            return given
        address = urlsplit(given.get("database_url") or "")
        if not address.username:
            raise ValueError("database_password_file: database_url names no user")
        try:
            password = Path(file).read_text("utf-8").strip()
        except OSError as error:
            raise ValueError(f"database_password_file: {error}") from None
        place = f"{address.username}:{quote(password, safe='')}@{address.netloc.rpartition('@')[2]}"
        return {**given, "database_url": urlunsplit(address._replace(netloc=place))}

    @field_validator("proxies")
    @classmethod
    def _known_networks(cls, given: str) -> str:
        for one in filter(None, given.split(",")):
            try:
                network = ip_network(one.strip())
            except ValueError:
                raise ValueError(f"{one.strip()!r} is no address and no network") from None
            if network.prefixlen == 0:
                raise ValueError(f"{one.strip()!r} is everybody: name the proxies alone")
        return given

    @field_validator("worker_parts")
    @classmethod
    def _known_parts(cls, given: str) -> str:
        unknown = [part for part in given.split(",") if part not in PARTS]
        if unknown:
            raise ValueError(f"{unknown[0]!r} is none of {', '.join(PARTS)}")
        return given
