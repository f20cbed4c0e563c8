"""Records about each region, stored next to its switch in the keeper region."""

from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from environments.settings import Settings
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import RequestRefusedError

_NOT_THERE: Final = "ParameterNotFound"


@dataclass(frozen=True, slots=True)
class Parameters:
    """One parameter per region, in the Parameter Store of the region's keeper.

    It needs nothing that Terraform creates, and keeps the newest hundred versions:
    docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html. `what` is
    the kind of record. Methods raise AwsError if the keeper does not answer or refuses.
    """

    settings: Settings
    clients: Clients
    what: str

    def name(self, region: str) -> str:
        """Return the name of a region's parameter."""
        # Not the project first: names must not begin with `aws` or `ssm`:
        # docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
        own = self.settings
        return f"/iot-dr/{own.project}/{own.environment}/{self.what}/{region}"

    def newest(self, region: str) -> tuple[int, str] | None:
        """Return the number and the text of the newest version; None if there is none."""
        keeper, name = self.settings.keeper(region), self.name(region)
        try:
            answer = self.clients.call("ssm", keeper, "get_parameter", Name=name)
        except RequestRefusedError as error:
            if error.code == _NOT_THERE:
                return None
            raise
        return int(answer["Parameter"]["Version"]), str(answer["Parameter"]["Value"])

    def write(self, region: str, entry: BaseModel) -> int:
        """Store a new version; return its number."""
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
    """Return an entry as JSON without `{{`, which Parameter Store refuses in a value."""
    inner = entry.model_dump_json()[1:-1]
    return "{" + inner.replace("{", "\\u007b").replace("}", "\\u007d") + "}"
