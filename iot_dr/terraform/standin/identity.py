"""Generated ids, ARNs and tokens in the form of AWS's."""

import hashlib
import secrets
from dataclasses import dataclass

DEFAULT_ACCOUNT = "123456789012"
"""AWS's example account, used if a provider configuration names no allowed account."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The account and region of a resource's provider configuration."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Return a regional ARN."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Return the ARN of a service without regions, such as IAM."""
        return f"arn:aws:{service}::{self.account}:{resource}"


def fresh(length: int) -> str:
    """Return a random id in lower-case hexadecimal digits."""
    return secrets.token_hex((length + 1) // 2)[:length]


def fresh_uuid() -> str:
    """Return a random id in the form of a version 4 UUID."""
    digits = fresh(32)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def stable(length: int, *parts: str) -> str:
    """Return hexadecimal digits that depend on `parts` only."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]
