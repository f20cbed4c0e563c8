"""Configuration and state of a region's processes."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

from iot_dr.drill.rig.region.function_host import FunctionConfig

_TOKEN_BYTES: Final = 16


class TimeConfig(BaseModel):
    """Speed and origin of a Clock."""

    model_config = ConfigDict(frozen=True)

    speed: float
    origin: float


@dataclass(frozen=True, slots=True)
class HealthApi:
    """The host name of a region's health API, in API Gateway's format, and its secret path."""

    host: str
    path: str

    @classmethod
    def generate(cls, region: str) -> Self:
        """Return a health API with a random host and path, as after `terraform apply`."""
        host = f"{secrets.token_hex(5)}.execute-api.{region}.amazonaws.com"
        return cls(host, f"/health/{secrets.token_urlsafe(_TOKEN_BYTES)}")


@dataclass(frozen=True, slots=True)
class Identity:
    """The PEM files of a certificate and its key; only their owner can read the key."""

    certificate: Path
    key: Path


class HealthConfig(BaseModel):
    """A health API: its port, certificate and canary function."""

    model_config = ConfigDict(frozen=True)

    port: int
    api: HealthApi
    identity: Identity
    canary: FunctionConfig


class RegionState(BaseModel):
    """State of a region that outages change: its certificate and its failures.

    `refuses`: every publish gets a 403. `fails_canary`: the canary fails even if the broker works.
    `latency` is in rehearsed seconds.
    """

    model_config = ConfigDict(frozen=True)

    certificate: Path
    key: Path
    refuses: bool = False
    fails_canary: bool = False
    latency: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A function's IAM role: may publish to one topic in one region.

    The credentials are random and valid only for one drill.
    """

    key_id: str
    secret_key: str
    token: str
    region: str
    topic: str

    @classmethod
    def generate(cls, region: str, topic: str) -> Self:
        """Return a role with random credentials."""
        return cls(
            key_id=f"ASIA{secrets.token_hex(8).upper()}",
            secret_key=secrets.token_urlsafe(_TOKEN_BYTES),
            token=secrets.token_urlsafe(_TOKEN_BYTES),
            region=region,
            topic=topic,
        )

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables that pass the credentials to a Lambda function.

        docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        return {
            "AWS_ACCESS_KEY_ID": self.key_id,
            "AWS_SECRET_ACCESS_KEY": self.secret_key,
            "AWS_SESSION_TOKEN": self.token,
        }


class RegionConfig(BaseModel):
    """Configuration of a region with its first state; `names` are those that it serves."""

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
    """The watcher's function, its timeout, and when in each minute it is called.

    `limit` and `phase` are rehearsed seconds.
    """

    model_config = ConfigDict(frozen=True)

    watcher: FunctionConfig
    limit: float
    phase: float
    time: TimeConfig
