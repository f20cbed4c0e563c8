"""The names and tags of an environment's resources."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from modules.inputs import InputError

if TYPE_CHECKING:
    # Designs are compared with names, without CDKTF.
    from modules.number import Number

HASH_LENGTH: Final = 8
"""Characters of the hash at the end of a name that was cut."""


def shortened(name: str, limit: int) -> str:
    """Return the name, cut to `limit` characters with a hash of the whole at the end if longer."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:HASH_LENGTH]
    return f"{name[: limit - HASH_LENGTH - 1].rstrip('-')}-{digest}"


def rule_name(name: str) -> str:
    """Return the name with `_` for `-`, since the name of a topic rule has no hyphens.

    docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html
    """
    return name.replace("-", "_")


@dataclass(frozen=True, kw_only=True)
class Context:
    """The project and environment that name and tag resources, and the region of a stack.

    `extra_tags` are the environment's own tags. `function_boundary_arn` is the permissions boundary
    for roles that a pipeline creates for functions, rules and provisioning (ADR 0020), or None.
    `device_policy` is the name of the devices' IoT policy if it existed before (ADR 0041).
    `reserved_concurrency` is what functions reserve in place of what they need, by package.
    """

    project: str
    environment: str
    region: str
    extra_tags: Mapping[str, str]
    function_boundary_arn: str | None = None
    device_policy: str | None = None
    reserved_concurrency: Mapping[str, int | None] | None = field(
        default_factory=dict[str, int | None]
    )

    def reserved(self, function: str, needed: "Number") -> "Number | None":
        """Return the concurrent executions that a function reserves, None for no reservation.

        Raises InputError for fewer than it needs: Lambda would throttle messages that it has
        received, which then count as failed.
        """
        if self.reserved_concurrency is None:
            return None
        number = self.reserved_concurrency.get(function, needed)
        if number is not None and number < needed:
            expected = f"{needed} or more, or null for no reservation"
            raise InputError("reserved_concurrency", function, number, expected)
        return number

    def name(self, suffix: str, limit: int = 64) -> str:
        """Return `{project}-{environment}-{suffix}`; a name over `limit` is cut and ends in a hash.

        The default limit of 64 characters is that of IAM role and Lambda function names:
        docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html and
        docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html.
        """
        return shortened(f"{self.project}-{self.environment}-{suffix}", limit)

    def rule_name(self, suffix: str) -> str:
        """Return the name of an IoT topic rule, with underscores instead of hyphens."""
        return rule_name(self.name(suffix))

    @property
    def tags(self) -> dict[str, str]:
        """Tags of every resource: `extra_tags`, overridden by Project, Environment and ManagedBy.

        The region's role is not a tag, so that a change of primary does not change tagged
        resources.
        """
        own = {"Project": self.project, "Environment": self.environment, "ManagedBy": "iot-dr"}
        return dict(sorted({**self.extra_tags, **own}.items()))
