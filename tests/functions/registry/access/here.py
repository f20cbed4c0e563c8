"""Regions of a made-up account whose calls are counted, and answered otherwise where asked to."""

import functools
from collections.abc import Callable, Container, Mapping
from types import SimpleNamespace
from typing import Any, cast

import boto3
from botocore.config import Config
from moto import mock_aws

from functions.registry.access import RegistryAccess
from functions.registry.entity import Entity

ACCOUNT = "123456789012"
_READS = ("Describe", "Get", "List")
Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class AwsError(Exception):
    """What an answer raises to answer as AWS does for an error."""

    def __init__(self, code: str, status: int = 400, message: str = "as AWS puts it") -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.message = message


class Here:
    """One region: its clients, its access, and what was called."""

    def __init__(self, region: str, iot: Any, iot_data: Any) -> None:
        self.region = region
        self.iot = iot
        self.iot_data = iot_data
        self.calls: list[str] = []
        self.given: list[Mapping[str, Any]] = []
        self.answers: dict[str, Answer] = {}
        for client in (iot, iot_data):
            client.meta.events.register("before-parameter-build", self._note)
            client.meta.events.register("before-call", self._answer)
        self.fresh()

    def fresh(self, *, excluded: Container[Entity] = frozenset()) -> RegistryAccess:
        """Forget what was called and answered, and give an access that remembers nothing."""
        self.answers.clear()
        self.forget()
        self.access = RegistryAccess(self.iot, self.iot_data, self.region, ACCOUNT, excluded)
        return self.access

    def forget(self) -> None:
        """Forget what was called."""
        self.calls.clear()
        self.given.clear()

    @property
    def changes(self) -> list[str]:
        """The calls that may change something."""
        return [call for call in self.calls if not call.startswith(_READS)]

    def refuse(self, operation: str, code: str, *, status: int = 400, message: str = "") -> None:
        """Answer an operation with an error from now on."""

        def refused(_given: Mapping[str, Any]) -> Mapping[str, Any]:
            raise AwsError(code, status, message)

        self.answers[operation] = refused

    def _note(self, params: Mapping[str, Any], model: Any, **_others: object) -> None:
        self.calls.append(model.name)
        self.given.append(dict(params))

    def _answer(self, model: Any, **_others: object) -> tuple[Any, Mapping[str, Any]] | None:
        answer = self.answers.get(model.name)
        if answer is None:
            return None
        try:
            return SimpleNamespace(status_code=200), answer(self.given[-1])
        except AwsError as error:
            document = {"Code": error.code, "Message": error.message}
            meta = {"HTTPStatusCode": error.status}
            return SimpleNamespace(status_code=error.status), {
                "Error": document, "ResponseMetadata": meta,
            }  # fmt: skip


@functools.cache
def made(region: str) -> Here:
    """Make a region once: clients cost more than tests."""
    client = cast("Any", boto3).client
    config = Config(retries={"total_max_attempts": 1})
    with mock_aws():
        iot, data = (client(each, region, config=config) for each in ("iot", "iot-data"))
    return Here(region, iot, data)
