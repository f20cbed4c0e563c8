"""What the processes of a region are told: certificates, roles, functions, and what goes wrong."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

from iot_dr.drill.rig.region.function_host import FunctionConfig

_TOKEN_BYTES: Final = 16


class TimeConfig(BaseModel):
    """How fast time runs, and since when: see Clock."""

    model_config = ConfigDict(frozen=True)

    speed: float
    origin: float


@dataclass(frozen=True, slots=True)
class HealthApi:
    """The host name of a region's health API, as AWS makes such names, and its secret path."""

    host: str
    path: str

    @classmethod
    def made_up(cls, region: str) -> Self:
        """Make one with a path of its own, as Terraform does when it is applied."""
        host = f"{secrets.token_hex(5)}.execute-api.{region}.amazonaws.com"
        return cls(host, f"/health/{secrets.token_urlsafe(_TOKEN_BYTES)}")


@dataclass(frozen=True, slots=True)
class Identity:
    """The files of a certificate and of its key, both PEM; only their owner reads the key."""

    certificate: Path
    key: Path


class HealthConfig(BaseModel):
    """The health API: its port, its certificate, and the canary that it asks."""

    model_config = ConfigDict(frozen=True)

    port: int
    api: HealthApi
    identity: Identity
    canary: FunctionConfig


class RegionState(BaseModel):
    """What outages change: the certificate that is served, and what goes wrong.

    `refuses` everybody, `fails_canary` whatever the broker does, `latency` in rehearsed seconds.
    """

    model_config = ConfigDict(frozen=True)

    certificate: Path
    key: Path
    refuses: bool = False
    fails_canary: bool = False
    latency: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a function may do, as its role in AWS: publish to one topic, in one region.

    The credentials are made up for one drill, and open nothing but its own fronts.
    """

    key_id: str
    secret_key: str
    token: str
    region: str
    topic: str

    @classmethod
    def made_up(cls, region: str, topic: str) -> Self:
        """Make a role with credentials of its own."""
        return cls(
            key_id=f"ASIA{secrets.token_hex(8).upper()}",
            secret_key=secrets.token_urlsafe(_TOKEN_BYTES),
            token=secrets.token_urlsafe(_TOKEN_BYTES),
            region=region,
            topic=topic,
        )

    @property
    def variables(self) -> dict[str, str]:
        """The variables by which Lambda hands the credentials to a function.

        docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        return {
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


class RegionConfig(BaseModel):
    """All of a region, and how it is at first; `names` are those that it serves."""

    model_config = ConfigDict(frozen=True)

    region: str
    host: str
    https_port: int
    broker_port: int
    names: frozenset[str]
    roles: dict[str, Role]
    time: TimeConfig
    health: HealthConfig | None
    state: RegionState


class WatcherConfig(BaseModel):
    """The watcher's function, the seconds that a call may take, and when in a minute it is called.

    `limit` and `phase` are rehearsed seconds.
    """

    model_config = ConfigDict(frozen=True)

    watcher: FunctionConfig
    limit: float
    phase: float
    time: TimeConfig
