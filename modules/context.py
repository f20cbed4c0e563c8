"""The immutable context that names and tags everything of an environment."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HASH_LENGTH: Final = 8
"""Characters of the hash that a name ends in which was cut."""


def shortened(name: str, limit: int) -> str:
    """Give a name of at most `limit` characters: a longer one is cut and ends in a hash of it."""
    if len(name) <= limit:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:HASH_LENGTH]
    return f"{name[: limit - HASH_LENGTH - 1].rstrip('-')}-{digest}"


def rule_name(name: str) -> str:
    """Give what a topic rule is called after something with this name: letters, digits and `_`.

    docs.aws.amazon.com/iot/latest/apireference/API_CreateTopicRule.html
    """
    return name.replace("-", "_")


@dataclass(frozen=True, kw_only=True)
class Context:
    """Project, environment and region of a resource, and the tags that say so.

    `function_boundary_arn` caps the roles of functions, where a pipeline may make them (ADR 0020).
    """

    project: str
    environment: str
    region: str
    extra_tags: Mapping[str, str]
    function_boundary_arn: str | None = None

    def name(self, thing: str, limit: int = 64) -> str:
        """`{project}-{environment}-{thing}`; one longer than `limit` is cut and ends in a hash.

        The default limit of 64 characters is that of IAM roles and Lambda functions.
        """
        return shortened(f"{self.project}-{self.environment}-{thing}", limit)

    def rule_name(self, thing: str) -> str:
        """Name a rule of AWS IoT, which has underscores where other names have hyphens."""
        return rule_name(self.name(thing))

    @property
    def tags(self) -> dict[str, str]:
        """Tags of every resource; the environment's own first, so that ours cannot be replaced.

        A region's role is not among them: a change of primary must not touch what is tagged.
        """
        own = {"Project": self.project, "Environment": self.environment, "ManagedBy": "iot-dr"}
        return dict(sorted({**self.extra_tags, **own}.items()))
