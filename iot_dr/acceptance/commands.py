"""The commands that the steps run, and checks of the region that DNS answers."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Final

from iot_dr.acceptance.command import CommandResult
from iot_dr.acceptance.message import NotPublishedError
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.observe.switch.metric import Action

POLICY_MINUTES: Final = 8.0
"""Minutes that AWS IoT may take to apply a changed policy.

docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html: six to eight.
"""
MOVED_WITHIN: Final = 15.0 + POLICY_MINUTES
"""Time limit in minutes for names and switches to change, after a policy has."""

NOT_DONE: Final = "NOT DONE, "
"""Prefix of a line about an action that failed."""

_REASON: Final = "acceptance run"
_BLIND, _DEGRADED = 1, 3
_SEEN_WITHIN: Final = 1.0
_NOT_FOUND: Final = {"unknown": "there is no such check"}


def run(tools: RunTools, *arguments: str, allowed: Collection[int] = ()) -> CommandResult:
    """Run a command on the environment.

    Raises VerificationError if its status is not 0 or `allowed`, or if it prints no JSON.
    """
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
    """Yield the checks, switches and endpoints that are unknown in a status.

    Switches are known by their alarms, as Route 53 may not report their checks.
    """
    kinds = ("deep", "tcp") if tools.settings.health.mode == "deep" else ("tcp",)
    for region in seen["regions"]:
        checks = {kind: region["checks"].get(kind, _NOT_FOUND) for kind in kinds}
        for name, value in {
            **checks,
            "switch": region["switch"],
            "TLS": region["endpoint"],
        }.items():
            if isinstance(value, dict) and "unknown" in value:
                yield f"{region['region']}: {name} is unknown: {value['unknown']}"


class RegionUnknownError(VerificationError):
    """The answered region or the switch is unknown this time; a retry may know it."""


def routing_problem(tools: RunTools, region: str, switch_state: str | None) -> str:
    """Return why DNS does not answer a region, or why the primary's switch is wrong.

    Every name server that responds must answer the region; `switch_state` is the required state
    of the switch's alarm, None for any. Returns "" without a problem. Raises RegionUnknownError if
    there is no known problem, but the switch is unknown or no server of the zone responds.
    """
    seen, primary = status(tools), tools.settings.primary_region
    state = switch_state if switch_state is None else of_region(seen, primary)["switch"]
    is_known = not isinstance(state, dict)
    if is_known and state != switch_state:
        return f"the switch of {primary} is {state}"
    answers = [each for each in seen["by_dns"] if "target" in each["answer"]]
    led = {each["answer"]["region"] or f"{each['answer']['target']}" for each in answers}
    if wrong_targets := sorted(led - {region}):
        return f"name servers still answer {', '.join(wrong_targets)}"
    if not is_known:
        raise RegionUnknownError(f"the switch of {primary} is unknown: {state['unknown']}")
    if all(each["kind"] != "authoritative" for each in answers):
        raise RegionUnknownError("no name server of the zone responds")
    return ""


def verify_region(tools: RunTools, region: str, switch_state: str, otherwise: str) -> None:
    """Verify the region with the first status that is complete, as waiting could hide a lapse.

    Raises VerificationError, prefixed with `otherwise`; WaitTimeoutError without a complete status
    within a minute.
    """

    def unknown() -> str:
        try:
            problem = routing_problem(tools, region, switch_state)
        except RegionUnknownError as error:
            return str(error)
        if problem:
            raise VerificationError(f"{otherwise}: {problem}")
        return ""

    tools.wait(unknown, _SEEN_WITHIN)


def wait_for_region(
    tools: RunTools, region: str, switch_state: str | None, more: Callable[[], str] = str
) -> float:
    """Wait until DNS answers a region and `more` returns ""; return the seconds.

    Raises WaitTimeoutError with what is missing.
    """

    def missing() -> str:
        try:
            return routing_problem(tools, region, switch_state) or more()
        except (RegionUnknownError, NotPublishedError) as error:
            return str(error)

    return tools.wait(missing, MOVED_WITHIN)


def wait_and_publish(tools: RunTools, region: str, switch_state: str | None = None) -> Evidence:
    """Wait until DNS answers a region and its broker acknowledges a message.

    Raises WaitTimeoutError with what is missing.
    """
    text = json.dumps({"acceptance": region, "at": round(tools.clock.now())}).encode()
    addresses: list[str] = []

    def publish() -> str:
        published = tools.publish(tools.device, text)
        addresses[:] = [published.address]
        return "" if published.region == region else f"a resolver answers {published.region}"

    seconds = wait_for_region(tools, region, switch_state, publish)
    return {"published in": region, "address": addresses[0], "after": f"{seconds:.0f} s"}


def attempt_all(functions: Mapping[str, Callable[[], object]], lines: list[str]) -> None:
    """Call all functions, which are keyed by their actions, even if some fail.

    `lines` gets a line for each, which says whether it was done, also after an interruption.
    """
    lines[:] = [f"{NOT_DONE}{done}: interrupted" for done in functions]
    for number, (done, work) in enumerate(functions.items()):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the next one must be tried after any error
            lines[number] = f"{NOT_DONE}{done}: {error}"
        else:
            lines[number] = done
