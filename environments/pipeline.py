"""The settings block `pipeline`: the pipelines that roll an environment out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, field_serializer, field_validator

from environments.blocks import Block
from environments.fields import Text, WholeNumber
from environments.identifiers import Environment
from environments.regions import IOT_REGIONS

CONNECTION: Final = (
    r"arn:aws:(?:codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}"
    r":connection/[0-9a-f-]{36}"
)
"""The ARN of a connection, with its region and its account."""

PIPELINE_COUNT: Final = 2
"""Number of regions with a pipeline: one is active, the other is its standby copy."""

DEFAULT_BAKE_MINUTES: Final = 10
"""Default of `bake_minutes`: minutes for which alarms are watched after a wave."""

Connection = Annotated[
    str,
    Text(
        pattern=CONNECTION,
        longest=128,
        rule="the ARN of a connection, such as arn:aws:codeconnections:eu-west-1:111111111111:"
        "connection/00000000-0000-0000-0000-000000000000",
    ),
]


class Pipeline(Block):
    """The pipeline that rolls the environment out, and its standby copy in another region."""

    repository: Annotated[
        str,
        Text(
            pattern=r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/"
            r"(?!\.{1,2}$)(?!.*\.git$)[A-Za-z0-9._-]{1,100}",
            longest=140,
            rule="a GitHub repository as owner/name without .git, such as example/iot-platform",
        ),
    ] = Field(description="the GitHub repository of this project, as owner/name")
    branch: Annotated[
        str,
        Text(
            # git check-ref-format refuses more; what it lets through here is harmless in a command.
            pattern=r"(?!refs/|HEAD$)(?!.*(?:\.\.|//|\.lock$|/$|\.$))[A-Za-z0-9_][A-Za-z0-9._/-]*",
            longest=100,
            rule="the name of a branch, such as main, without refs/heads/: letters, digits and"
            " ._/-",
        ),
    ] = Field(description="the branch whose commits are rolled out")
    promoted_from: Environment | None = Field(
        default=None,
        description="the environment whose branch must contain a commit before this environment"
        " rolls it out, or null",
    )
    connections: Mapping[str, Connection] = Field(
        description="the CodeConnections connection to the repository in each of the two regions"
        " with a pipeline, keyed by region",
        json_schema_extra={
            "minProperties": PIPELINE_COUNT,
            "maxProperties": PIPELINE_COUNT,
            "propertyNames": {"enum": list(IOT_REGIONS)},
        },
    )
    active_region: str = Field(
        description="the region whose pipeline rolls out; the other region has a standby copy",
        json_schema_extra={"enum": list(IOT_REGIONS)},
    )
    bake_minutes: Annotated[int, WholeNumber(5, 60, "minutes")] = Field(
        default=DEFAULT_BAKE_MINUTES,
        description="minutes for which alarms are watched after each wave",
    )

    @field_validator("connections")
    @classmethod
    def _unchanging(cls, connections: Mapping[str, str]) -> Mapping[str, str]:
        return MappingProxyType(dict(connections))

    @field_serializer("connections")
    def _plain_connections(self, connections: Mapping[str, str]) -> dict[str, str]:
        return dict(connections)
