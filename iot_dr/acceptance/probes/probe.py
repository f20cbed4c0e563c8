"""A probe that creates resources, observes AWS, and removes them."""

from collections.abc import Callable
from typing import Final

from iot_dr.acceptance.journal import AcceptanceJournal
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.observe.aws.errors import NOT_FOUND, RequestRefusedError

REFUTED: Final = "refuted: "
"""Prefix of the problem of a probe that observed the opposite of its assumption."""

_MISSING: Final = frozenset({NOT_FOUND, "ResourceNotFound", "NoSuchHealthCheck"})
"""Codes of AWS IoT, CloudWatch and Route 53 for what does not exist."""


class RefutedError(VerificationError):
    """AWS does not do what is assumed; any other error of a probe says nothing about that."""

    def __init__(self, observed: str) -> None:
        super().__init__(f"{REFUTED}{observed}")


def removing(
    observe: Callable[[RunTools], Evidence], remove: Callable[[RunTools], None]
) -> Callable[[RunTools, AcceptanceJournal], Evidence]:
    """Return the work of a step that observes, and removes everything also after Ctrl-C.

    It removes first what a killed run has left. `remove` is idempotent.
    """

    def work(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
        remove(tools)
        try:
            return observe(tools)
        finally:
            tools.clients.renew()
            remove(tools)

    return work


def remove_resource(
    tools: RunTools, service: str, region: str, method: str, **arguments: object
) -> None:
    """Call a method that removes a resource; nothing happens if the resource does not exist."""
    try:
        tools.clients.call(service, region, method, **arguments)
    except RequestRefusedError as error:
        if error.code not in _MISSING:
            raise


def probe_name(tools: RunTools) -> str:
    """Return the name of a probe's resources, the same in every run of the environment."""
    return f"iot-dr-probe-{tools.settings.environment}"
