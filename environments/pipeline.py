"""The block of an environment's settings about the pipeline that rolls it out."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Final

from pydantic import Field, field_serializer, field_validator

from environments.blocks import Block
from environments.fields import Finding, Text, Whole, refuse
from environments.identifiers import Environment
from environments.regions import IOT_REGIONS

_CONNECTION: Final = (
    r"arn:aws:(?:codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}"
    r":connection/[0-9a-f-]{36}"
)
_COPIES: Final = 2

Connection = Annotated[
    str,
    Text(
        pattern=_CONNECTION,
        longest=128,
        rule="the ARN of a connection, such as arn:aws:codeconnections:eu-west-1:111111111111:"
        "connection/00000000-0000-0000-0000-000000000000",
    ),
]


class Pipeline(Block):
    """The pipeline that rolls the environment out, and its standing copy in another region."""

    repository: Annotated[
        str,
        Text(
            pattern=r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}",
            longest=140,
            rule="a GitHub repository as owner/name, such as example/iot-platform",
        ),
    ] = Field(description="the GitHub repository of this project, as owner/name")
    branch: Annotated[
        str,
        Text(
            # git check-ref-format refuses more; what it lets through here is harmless in a command.
            pattern=r"(?!.*(?:\.\.|//|\.lock$|/$|\.$))[A-Za-z0-9_][A-Za-z0-9._/-]*",
            longest=100,
            rule="the name of a branch: letters, digits and ._/-",
        ),
    ] = Field(description="the branch whose commits are rolled out")
    promoted_from: Environment | None = Field(
        default=None,
        description="the environment whose branch must hold a commit before this one takes it, or"
        " null for none",
    )
    connections: Mapping[str, Connection] = Field(
        description="the CodeConnections connection to the repository in each of the two regions"
        " that hold a pipeline, by region",
        json_schema_extra={
            "minProperties": _COPIES,
            "maxProperties": _COPIES,
            "propertyNames": {"enum": list(IOT_REGIONS)},
        },
    )
    active: str = Field(
        description="the region of the pipeline that rolls out; the other one is a standing copy",
        json_schema_extra={"enum": list(IOT_REGIONS)},
    )
    bake: Annotated[int, Whole(1, 60, "minutes")] = Field(
        default=10, description="minutes for which alarms are watched after each wave"
    )

    @field_validator("connections")
    @classmethod
    def _two(cls, connections: Mapping[str, str]) -> Mapping[str, str]:
        if len(connections) != _COPIES:
            message = f"has {len(connections)} regions; allowed: {_COPIES}, so that one can be lost"
            refuse([((), dict(connections), message)])
        return MappingProxyType(dict(connections))

    @field_serializer("connections")
    def _plain_connections(self, connections: Mapping[str, str]) -> dict[str, str]:
        return dict(connections)

    @property
    def standing(self) -> str:
        """The region of the standing copy."""
        return next(region for region in self.connections if region != self.active)

    def refuse_foreign(self, regions: tuple[str, ...], account_id: str) -> None:
        """Raise a ValidationError with all that does not fit these regions or this account."""
        refuse([*self._about_connections(regions, account_id), *self._about_active()])

    def _about_connections(self, regions: tuple[str, ...], account_id: str) -> list[Finding]:
        allowed = f"allowed: two of {', '.join(regions)}"
        found: list[Finding] = []
        for region, arn in self.connections.items():
            place = ("connections", region)
            _, _, _, its_region, its_account, _ = arn.split(":", 5)
            if region not in regions:
                found.append((place, region, f"is not among the regions; {allowed}"))
            if its_region != region:
                message = f"is a connection of {its_region}; allowed: one of {region}"
                found.append((place, arn, message))
            if its_account != account_id:
                message = f"is a connection of account {its_account}; allowed: one of {account_id}"
                found.append((place, arn, message))
        return found

    def _about_active(self) -> list[Finding]:
        if self.active in self.connections:
            return []
        message = f"has no connection; allowed: {' or '.join(self.connections)}"
        return [(("active",), self.active, message)]
