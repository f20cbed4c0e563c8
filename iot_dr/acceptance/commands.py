"""What steps ask of `iot-dr`, and where devices are led."""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

from iot_dr.acceptance.bench import Bench, VerificationError
from iot_dr.acceptance.command import Ran
from iot_dr.acceptance.message import NotPublishedError
from iot_dr.acceptance.step import Evidence
from iot_dr.switch.metric import Action

MOVED_WITHIN: Final = 15.0
"""Minutes after which a step no longer waits for names and switches to follow."""

NOT_DONE: Final = "NOT DONE, "
"""How the line of something begins that could not be done."""

_REASON: Final = "acceptance run"
_BLIND, _DEGRADED = 1, 3


def run(bench: Bench, *arguments: str, allowed: Collection[int] = ()) -> Ran:
    """Run a command on the environment; raises VerificationError for another status than 0."""
    ran = bench.command(*arguments, "--env", bench.settings.environment)
    if (ran.status and ran.status not in allowed) or not ran.document:
        failed = [
            f"{each['name']}: {each['error']}"
            for each in ran.document.get("stacks", ())
            if "error" in each
        ]
        why = "; ".join(failed) or ran.text or "it printed nothing"
        raise VerificationError(f"iot-dr {' '.join(arguments)} ended with {ran.status}: {why}")
    return ran


def terraform(bench: Bench, *arguments: str) -> Evidence:
    """Run a command that changes stacks; return how many, and the number of changes by kind."""
    stacks = run(bench, *arguments, "--provider", "aws").document["stacks"]
    actions = Counter(change["action"] for stack in stacks for change in stack["changes"])
    changes = ", ".join(f"{number} {action}" for action, number in sorted(actions.items()))
    return {"stacks": str(len(stacks)), "changes": changes or "none"}


def switch(bench: Bench, action: Action) -> None:
    """Switch the primary away or back."""
    run(bench, "switch", action, bench.settings.primary_region, "--reason", _REASON, "--yes")


def status(bench: Bench) -> dict[str, Any]:
    """Return the document of `iot-dr status`."""
    return run(bench, "status", allowed={_BLIND, _DEGRADED}).document


def of_region(seen: dict[str, Any], region: str) -> dict[str, Any]:
    """Return what a status says of one region."""
    return next(each for each in seen["regions"] if each["region"] == region)


def led_elsewhere(bench: Bench, region: str, put: str | None) -> str:
    """Return why devices are not led to a region, or the primary's switch is not as it should be.

    Every name server that answers must lead there; `put` is the state of the switch's alarm, None
    for any. The result is empty when all is so.
    """
    seen, primary = status(bench), bench.settings.primary_region
    if put is not None and (state := of_region(seen, primary)["switch"]) != put:
        return f"the switch of {primary} is {state}"
    answers = [each for each in seen["by_dns"] if "target" in each["answer"]]
    if all(each["kind"] != "authoritative" for each in answers):
        return "no name server of the zone answers"
    led = {each["answer"]["region"] or f"{each['answer']['target']}" for each in answers}
    others = sorted(led - {region})
    return f"name servers still lead to {', '.join(others)}" if others else ""


def arrives(bench: Bench, region: str, put: str | None = None) -> Evidence:
    """Wait until devices are led to a region and its broker acknowledges a message.

    Raises NotInTimeError with what is missing.
    """
    text = json.dumps({"acceptance": region, "at": round(bench.clock.now())}).encode()
    found: list[str] = []

    def missing() -> str:
        if problem := led_elsewhere(bench, region, put):
            return problem
        try:
            published = bench.publish(bench.device, text)
        except NotPublishedError as error:
            return str(error)
        found[:] = [published.address]
        return "" if published.region == region else f"a resolver leads to {published.region}"

    seconds = bench.wait(missing, MOVED_WITHIN)
    return {"published in": region, "address": found[0], "after": f"{seconds:.0f} s"}


def attempt_all(works: Mapping[str, Callable[[], object]], lines: list[str]) -> None:
    """Do each of several things, whatever becomes of the others.

    `lines` has a line for each, also when this is interrupted.
    """
    lines[:] = [f"{NOT_DONE}{done}: interrupted" for done in works]
    for number, (done, work) in enumerate(works.items()):
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the next one has to be tried whatever it is
            lines[number] = f"{NOT_DONE}{done}: {error}"
        else:
            lines[number] = done
