"""Configuration and state of a region's processes."""

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from pydantic import BaseModel, ConfigDict

from iot_dr.design.api_reply import HttpApi
from iot_dr.design.policy import Grants
from iot_dr.drill.rig.region.function_host import FunctionConfig
from iot_dr.drill.rig.region.identity import Identity
from iot_dr.terraform_json.expression import parts

_TOKEN_BYTES: Final = 16


class TimeConfig(BaseModel):
    """Speed and origin of a RigClock."""

    model_config = ConfigDict(frozen=True)

    speed: float
    origin: float


class GeneratedValues:
    """Random values of expressions that are known only after `terraform apply`, one for each."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return a text with the values of its expressions."""
        return "".join(
            self._values.setdefault(part.text, secrets.token_hex(_TOKEN_BYTES))
            if part.is_expression
            else part.text
            for part in parts(text)
        )


@dataclass(frozen=True, slots=True)
class HealthApiConfig:
    """A region's health API, and its host name in API Gateway's format."""

    host: str
    api: HttpApi

    @classmethod
    def generate(cls, region: str, api: HttpApi, values: GeneratedValues) -> Self:
        """Return an API as after `terraform apply`, with a random host."""
        host = f"{secrets.token_hex(5)}.execute-api.{region}.amazonaws.com"
        return cls(host, api.with_values(values))


class HealthConfig(BaseModel):
    """A health API: its port, certificate and canary function.

    `function` is the canary's id, `timeout` its time limit in rehearsed seconds, `concurrency` how
    many calls it takes at the same time.
    """

    model_config = ConfigDict(frozen=True)

    port: int
    api: HealthApiConfig
    identity: Identity
    canary: FunctionConfig
    function: str
    timeout: float
    concurrency: int


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
    """A function's IAM role.

    The credentials are random and valid only for one drill.
    """

    key_id: str
    secret_key: str
    token: str
    grants: Grants

    @classmethod
    def generate(cls, grants: Grants) -> Self:
        """Return a role with random credentials."""
        return cls(
            key_id=f"ASIA{secrets.token_hex(8).upper()}",
            secret_key=secrets.token_urlsafe(_TOKEN_BYTES),
            token=secrets.token_urlsafe(_TOKEN_BYTES),
            grants=grants,
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
    """The watcher's function, its timeout, and when in each period it is called.

    `limit`, `phase` and `period` are rehearsed seconds. `concurrency` is how many calls run at the
    same time; others wait.
    """

    model_config = ConfigDict(frozen=True)

    watcher: FunctionConfig
    limit: float
    phase: float
    period: float
    concurrency: int
    time: TimeConfig
