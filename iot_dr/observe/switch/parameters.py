"""Records about each region, stored in the alarm regions of its switch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, TypeVar

from pydantic import BaseModel

from environments.settings import Settings
from functions.contract import parameter_name
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.clients import Clients
from iot_dr.observe.aws.errors import NoAnswerError, RequestRefusedError
from iot_dr.observe.aws.gathering import CallTimeoutError, gather

_NOT_THERE: Final = "ParameterNotFound"
_SECONDS: Final = 8

_T = TypeVar("_T")
Stored = tuple[datetime, int, str]
"""When a version was stored, its number, and its text."""


@dataclass(frozen=True, slots=True)
class Parameters:
    """One parameter per region, in the Parameter Store of each of its switch's alarm regions.

    It needs nothing that Terraform creates, and keeps the newest hundred versions:
    docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html. `what` is
    the kind of record. Methods raise AwsError if no alarm region answers, or one refuses the
    request.
    """

    settings: Settings
    clients: Clients
    what: str

    def name(self, region: str) -> str:
        """Return the name of a region's parameter."""
        return parameter_name(self.settings.project, self.settings.environment, self.what, region)

    def newest(self, region: str) -> tuple[int, str] | None:
        """Return the number and the text of the newest version; None if there is none.

        The number counts the versions in all alarm regions that answer, so it differs after each
        use.
        """
        stored = [each for each in self._answers(self.stored(region)) if each is not None]
        if not stored:
            return None
        _, _, text = max(stored)
        return sum(number for _, number, _ in stored), text

    def write(self, region: str, entry: BaseModel) -> int:
        """Store a new version in every alarm region that answers; return the number as `newest`."""
        texts = dict.fromkeys(self.settings.alarm_regions(region), text_of(entry))
        return sum(self._answers(self.store(region, texts)))

    def stored(self, region: str) -> dict[str, Stored | UserError | None]:
        """Return by alarm region the newest version, why it is unknown, or None if missing."""
        calls = {
            alarm_region: partial(self._stored, alarm_region, region)
            for alarm_region in self.settings.alarm_regions(region)
        }
        return gather(calls, _SECONDS)

    def store(self, region: str, texts: Mapping[str, str]) -> dict[str, int | UserError]:
        """Store texts by alarm region; return the version of each, or why it may be missing."""
        calls = {
            alarm_region: partial(self._write, text, alarm_region, region)
            for alarm_region, text in texts.items()
        }
        return gather(calls, _SECONDS)

    def _answers(self, results: Mapping[str, _T | UserError]) -> list[_T]:
        """Return the results of the alarm regions that answer; raises the errors of the others."""
        answers = [each for each in results.values() if not isinstance(each, UserError)]
        refusals = [each for each in results.values() if isinstance(each, UserError)]
        for refusal in refusals:
            if not answers or not isinstance(refusal, NoAnswerError | CallTimeoutError):
                raise refusal
        return answers

    def _stored(self, alarm_region: str, region: str) -> Stored | None:
        try:
            answer = self.clients.call("ssm", alarm_region, "get_parameter", Name=self.name(region))
        except RequestRefusedError as error:
            if error.code == _NOT_THERE:
                return None
            raise
        parameter = answer["Parameter"]
        return (
            parameter["LastModifiedDate"],
            int(parameter["Version"]),
            str(parameter["Value"]),
        )

    def _write(self, text: str, alarm_region: str, region: str) -> int:
        answer = self.clients.call(
            "ssm",
            alarm_region,
            "put_parameter",
            Name=self.name(region),
            Value=text,
            Type="String",
            Overwrite=True,
        )
        return int(answer["Version"])


def text_of(entry: BaseModel) -> str:
    """Return an entry as JSON without `{{`, which Parameter Store refuses in a value."""
    inner = entry.model_dump_json()[1:-1]
    return "{" + inner.replace("{", "\\u007b").replace("}", "\\u007d") + "}"
