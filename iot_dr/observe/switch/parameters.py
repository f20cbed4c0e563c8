"""What is kept about each region, beside its switch, in the region that stays."""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RefusedError

_NOT_THERE: Final = "ParameterNotFound"


@dataclass(frozen=True, slots=True)
class Parameters:
    """One parameter for each region, in the Parameter Store of the region's keeper.

    It needs nothing that Terraform makes, and keeps the newest hundred versions:
    docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html. `what`
    names what is kept. Every method raises AwsError when the keeper does not answer or refuses.
    """

    settings: Settings
    clients: Clients
    what: str

    def name(self, region: str) -> str:
        """Give the parameter's name."""
        # Not the project first: names may not begin with `aws` or `ssm`.
        own = self.settings
        return f"/iot-dr/{own.project}/{own.environment}/{self.what}/{region}"

    def newest(self, region: str) -> tuple[int, str] | None:
        """Give the number of the newest version and its text, None when there is none."""
        keeper, name = self.settings.keeper(region), self.name(region)
        try:
            answer = self.clients.call("ssm", keeper, "get_parameter", Name=name)
        except RefusedError as error:
            if error.code == _NOT_THERE:
                return None
            raise
        return int(answer["Parameter"]["Version"]), str(answer["Parameter"]["Value"])

    def write(self, region: str, entry: BaseModel) -> int:
        """Keep a new version, and give its number: one more than that of the one before it."""
        answer = self.clients.call(
            "ssm",
            self.settings.keeper(region),
            "put_parameter",
            Name=self.name(region),
            Value=text_of(entry),
            Type="String",
            Overwrite=True,
        )
        return int(answer["Version"])


def text_of(entry: BaseModel) -> str:
    """Give an entry as it is kept: Parameter Store takes no `{{` within a value."""
    inner = entry.model_dump_json()[1:-1]
    return "{" + inner.replace("{", "\\u007b").replace("}", "\\u007d") + "}"
