"""The commands that the steps run, and checks of where devices are directed."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from iot_dr.acceptance.command import CommandResult
from iot_dr.acceptance.message import NotPublishedError
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.observe.switch.metric import Action

MOVED_WITHIN: Final = 15.0
"""Minutes after which a step no longer waits for names and switches to follow."""

NOT_DONE: Final = "NOT DONE, "
"""The prefix of a line about something that could not be done."""

_REASON: Final = "acceptance run"
_BLIND, _DEGRADED = 1, 3
_SEEN_WITHIN: Final = 1.0
_NOT_FOUND: Final = {"unknown": "there is no such check"}


def run(tools: RunTools, *arguments: str, allowed: Collection[int] = ()) -> CommandResult:
    """Run a command on the environment; raises VerificationError for another status than 0."""
    ran = tools.command(*arguments, "--env", tools.settings.environment)
    if (ran.status and ran.status not in allowed) or not ran.document:
        failed = [
            f"{stack['name']}: {stack['error']}"
            for stack in ran.document.get("stacks", ())
            if "error" in stack
        ]
        why = "; ".join(failed) or ran.text or "it printed nothing"
        raise VerificationError(f"iot-dr {' '.join(arguments)} ended with {ran.status}: {why}")
    return ran


def terraform(tools: RunTools, *arguments: str) -> Evidence:
    """Run a command that changes stacks; return how many, and the number of changes by kind."""
    stacks = run(tools, *arguments, "--provider", "aws").document["stacks"]
    actions = Counter(change["action"] for stack in stacks for change in stack["changes"])
    changes = ", ".join(f"{number} {action}" for action, number in sorted(actions.items()))
    return {"stacks": str(len(stacks)), "changes": changes or "none"}


def switch(tools: RunTools, action: Action) -> None:
    """Switch the primary away or back."""
    run(tools, "switch", action, tools.settings.primary_region, "--reason", _REASON, "--yes")


def status(tools: RunTools) -> dict[str, Any]:
    """Return the document of `iot-dr status`."""
    return run(tools, "status", allowed={_BLIND, _DEGRADED}).document


def of_region(seen: dict[str, Any], region: str) -> dict[str, Any]:
    """Return the part of a status on one region."""
    return next(each for each in seen["regions"] if each["region"] == region)


def unknown_checks(tools: RunTools, seen: dict[str, Any]) -> Iterator[str]:
    """Yield the checks, switches and endpoints that a status could not see, as its verdict allows.

    Route 53 may not report a switch's check; its alarm does.
    """
    kinds = ("deep", "tcp") if tools.settings.health.mode == "deep" else ("tcp",)
    for region in seen["regions"]:
        checks = {kind: region["checks"].get(kind, _NOT_FOUND) for kind in kinds}
        for what, value in {
            **checks,
            "switch": region["switch"],
            "TLS": region["endpoint"],
        }.items():
            if isinstance(value, dict) and "unknown" in value:
                yield f"{region['region']}: {what} is not known: {value['unknown']}"


class RegionUnknownError(VerificationError):
    """Where devices are directed was not seen this time; the next look may see it."""


def routing_problem(tools: RunTools, region: str, put: str | None) -> str:
    """Return why devices are not directed to a region, or why the primary's switch is wrong.

    Every name server that answers must lead there; `put` is the required state of the switch's
    alarm, None for any. Returns "" if all is right. Raises NotKnownError if nothing that was seen
    contradicts, and not all was seen.
    """
    seen, primary = status(tools), tools.settings.primary_region
    state = put if put is None else of_region(seen, primary)["switch"]
    is_known = not isinstance(state, dict)
    if is_known and state != put:
        return f"the switch of {primary} is {state}"
    answers = [each for each in seen["by_dns"] if "target" in each["answer"]]
    led = {each["answer"]["region"] or f"{each['answer']['target']}" for each in answers}
    if others := sorted(led - {region}):
        return f"name servers still lead to {', '.join(others)}"
    if not is_known:
        raise RegionUnknownError(f"the switch of {primary} is not known: {state['unknown']}")
    if all(each["kind"] != "authoritative" for each in answers):
        raise RegionUnknownError("no name server of the zone answers")
    return ""


def verify_region(tools: RunTools, region: str, put: str, otherwise: str) -> None:
    """Verify it at the first look that sees all, since waiting would hide a lapse.

    Raises VerificationError, with what it means `otherwise`; WaitTimeoutError if a minute's looks
    do not see enough.
    """

    def unknown() -> str:
        try:
            problem = routing_problem(tools, region, put)
        except RegionUnknownError as error:
            return str(error)
        if problem:
            raise VerificationError(f"{otherwise}: {problem}")
        return ""

    tools.wait(unknown, _SEEN_WITHIN)


def wait_for_region(
    tools: RunTools, region: str, put: str | None, more: Callable[[], str] = str
) -> float:
    """Wait until devices are directed to a region and `more` returns ""; return the seconds.

    Raises WaitTimeoutError with what is missing.
    """

    def missing() -> str:
        try:
            return routing_problem(tools, region, put) or more()
        except (RegionUnknownError, NotPublishedError) as error:
            return str(error)

    return tools.wait(missing, MOVED_WITHIN)


def wait_and_publish(tools: RunTools, region: str, put: str | None = None) -> Evidence:
    """Wait until devices are directed to a region and its broker acknowledges a message.

    Raises WaitTimeoutError with what is missing.
    """
    text = json.dumps({"acceptance": region, "at": round(tools.clock.now())}).encode()
    addresses: list[str] = []

    def publish() -> str:
        published = tools.publish(tools.device, text)
        addresses[:] = [published.address]
        return "" if published.region == region else f"a resolver leads to {published.region}"

    seconds = wait_for_region(tools, region, put, publish)
    return {"published in": region, "address": addresses[0], "after": f"{seconds:.0f} s"}


def attempt_all(works: Mapping[str, Callable[[], object]], lines: list[str]) -> None:
    """Call each of several functions, even if others fail.

    `lines` gets a line for each, even if this is interrupted.
    """
    lines[:] = [f"{NOT_DONE}{done}: interrupted" for done in works]
    for number, (done, work) in enumerate(works.items()):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the next one has to be tried whatever it is
            lines[number] = f"{NOT_DONE}{done}: {error}"
        else:
            lines[number] = done
