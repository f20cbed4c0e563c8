"""Names that AWS would hand out: ids, ARNs and tokens of a plausible form."""

import hashlib
import secrets
from dataclasses import dataclass

DEFAULT_ACCOUNT = "123456789012"
"""AWS's own example account, used where a provider configuration allows no account by name."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a resource stands: account and region of its provider configuration."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """Make a regional ARN."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def global_arn(self, service: str, resource: str) -> str:
        """Make the ARN of a service without regions, such as IAM."""
        return f"arn:aws:{service}::{self.account}:{resource}"


def fresh(length: int) -> str:
    """Make up an id that no other resource has, in lower-case hexadecimal digits."""
    return secrets.token_hex((length + 1) // 2)[:length]


def fresh_uuid() -> str:
    """Make up an id in the form of a version 4 UUID."""
    digits = fresh(32)
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def stable(length: int, *parts: str) -> str:
    """Derive hexadecimal digits that are the same whenever the parts are the same."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:length]
