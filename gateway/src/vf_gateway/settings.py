"""Settings of the gateway, from the environment: every field is ``VF_`` and its name in capitals."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr

from vfkit.contracts import Stage
from vfkit.pictures.decoding import DecodingSettings


class Settings(DecodingSettings):
    """What an operator may set; the defaults run on one machine without preparation."""

    openpose_url: str = "http://127.0.0.1:8101"
    parse_url: str = "http://127.0.0.1:8102"
    densepose_url: str = "http://127.0.0.1:8103"
    clothmask_url: str = "http://127.0.0.1:8104"
    agnostic_url: str = "http://127.0.0.1:8105"
    hrviton_url: str = "http://127.0.0.1:8106"

    data: Path = Field(default=Path("var"), description="folder of the database and, by default, of the pictures")
    store_url: str | None = Field(default=None, description="s3://bucket/prefix and its like; default: VF_DATA/objects")

    database_url: str | None = Field(default=None, description="postgresql://...; default: SQLite in VF_DATA")
    migrate: bool = Field(default=True, description="bring the schema to the newest version at the start")

    local: bool = Field(default=False, description="for tests: requests from this machine need no key")
    local_key: SecretStr | None = Field(default=None, description="one more API key, of the market 'local'")
    secret: SecretStr | None = Field(
        default=None, min_length=32, description="signs tokens, links and webhooks; default: a file in VF_DATA"
    )
    web: bool = Field(
        default=False,
        description="serve the fitting room's files at /web and, where there is a local key, the demo market at /",
    )
    cors_origins: str = Field(
        default="", description="origins whose pages may call, separated by commas; none: CORS off"
    )
    token_seconds: int = Field(default=3600, ge=1, description="longest life of a buyer's token")
    link_seconds: int = Field(default=3600, ge=1, description="longest life of a signed link")
    rate_key: str = Field(default="3000/minute", description="requests of one API key")
    rate_buyer: str = Field(default="600/minute", description="requests of one buyer")
    rate_address: str = Field(default="600/minute", description="requests of one address without a valid credential")
    rate_storage: str = Field(
        default="memory", description="where requests of all gateways are counted: async+redis://..."
    )

    concurrency: int = Field(default=8, ge=1, description="jobs that one gateway runs at the same time")
    queue_limit: int = Field(default=2000, ge=1, description="unfinished jobs; past it the answer is 503")
    queue_limit_buyer: int = Field(default=200, ge=1, description="unfinished jobs of one owner; past it: 429")
    queue_seconds: float = Field(default=900.0, gt=0, description="a job that waited longer fails")
    lease_seconds: float = Field(
        default=15.0, gt=0, description="a job whose gateway is silent this long is taken over"
    )
    poll_seconds: float = Field(
        default=0.5, gt=0, description="how often work and changes of other gateways are looked for"
    )
    job_attempts: int = Field(default=5, ge=1, description="a job that killed its gateway this often fails")

    people_hours: float = Field(default=24.0, gt=0, description="how long people are kept")
    garments_days: float = Field(
        default=30.0, gt=0, description="how long garments of buyers are kept; those that a market lists stay"
    )
    fittings_days: float = Field(default=30.0, gt=0, description="how long fittings are kept")
    sweep_seconds: float = Field(default=300.0, gt=0, description="how often retention is enforced")
    quota_photos: int = Field(default=0, ge=0, description="people and garments of one market; 0: no bound")
    quota_photos_buyer: int = Field(default=200, ge=0, description="people and garments of one buyer; 0: no bound")
    quota_mb: int = Field(default=0, ge=0, description="megabytes stored for one market; 0: no bound")
    quota_mb_buyer: int = Field(default=1000, ge=0, description="megabytes stored for one buyer; 0: no bound")
    disk_reserve_mb: int = Field(
        default=200,
        ge=0,
        description="megabytes kept free on the disks of database and pictures: with fewer, nothing new is accepted",
    )
    webhook_hosts: str = Field(
        default="", description="hosts, separated by commas, to which http and private addresses are allowed"
    )
    webhook_timeout: float = Field(default=10.0, gt=0, description="seconds a webhook's receiver may take")
    picture_hosts: str = Field(
        default="", description="hosts, separated by commas, from which pictures come although their address is private"
    )
    picture_seconds: float = Field(
        default=15.0, gt=0, description="seconds that fetching a picture from its address may take"
    )
    otel: bool = Field(default=False, description="OpenTelemetry traces, exported as OTEL_* says")

    keepalive_seconds: int = Field(
        default=75, ge=1, description="how long an idle connection is kept; longer than a balancer before this keeps it"
    )
    head_seconds: float = Field(default=10.0, gt=0, description="how long the head of a request may take to come")
    client_connections: int = Field(
        default=2000, ge=1, description="connections at a time; past them the one that waits longest gives way"
    )
    client_connections_address: int = Field(
        default=500, ge=1, description="connections of one address that FORWARDED_ALLOW_IPS does not name"
    )
    body_seconds: float = Field(default=10.0, gt=0, description="how long a body may take, whatever its size")
    body_rate: float = Field(default=16_000.0, gt=0, description="bytes a second that a longer body must come at")
    upload_mb: float = Field(
        default=128.0, ge=64, description="pictures that are being taken in, of all callers, in MB; others wait"
    )
    uploads_key: int = Field(default=64, ge=1, description="uploads at the same time of one API key")
    uploads_buyer: int = Field(default=4, ge=1, description="uploads at the same time of one buyer")
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")

    deadline: float = Field(default=120.0, gt=0, description="seconds a fitting may take once it runs")
    stage_timeout: float = Field(default=60.0, gt=0, description="seconds one call of one stage may take")
    connect_timeout: float = Field(default=2.0, gt=0, description="seconds to connect to a service")
    outage_seconds: float = Field(
        default=60.0,
        ge=0,
        description="how long a service that went away or is full is waited for, within the deadline",
    )
    attempts: int = Field(default=3, ge=1, description="how often a call that a service drops is made")
    connections: int = Field(default=16, ge=1, description="simultaneous calls of one service")
    info_seconds: float = Field(default=30.0, ge=0, description="how long a service's /v1/info is believed")
    aside_seconds: float = Field(default=5.0, gt=0, description="how long a failing address is left alone")
    resolve_seconds: float = Field(default=5.0, gt=0, description="how long a resolved service name is believed")

    wait_limit: float = Field(default=60.0, ge=0, description="longest Prefer: wait=N that is honoured, in seconds")

    def url(self, stage: Stage) -> str:
        """Base address of the service that runs a stage."""
        value: str = getattr(self, f"{stage.value}_url")
        return value.rstrip("/")
