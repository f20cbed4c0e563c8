"""What AWS would have made up for a function: its role's credentials, and its health API's path."""

import secrets
from dataclasses import dataclass
from typing import Final, Self

_TOKEN_BYTES: Final = 16


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
