"""The work of the steps of an acceptance run; `catalogue` has their order."""

from contextlib import suppress
from functools import partial
from typing import Final

from iot_dr.acceptance.account import environment_exists, verify_account
from iot_dr.acceptance.commands import (
    MOVED_WITHIN,
    NOT_DONE,
    attempt_all,
    of_region,
    run,
    status,
    switch,
    terraform,
    unknown_checks,
    verify_region,
    wait_and_publish,
    wait_for_region,
)
from iot_dr.acceptance.fault import PublishFault
from iot_dr.acceptance.journal import AcceptanceJournal
from iot_dr.acceptance.step import Evidence, SkippedError
from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.common.exit_status import ExitStatus
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import AwsError
from iot_dr.terraform_json.listing import listing
from stacks.platform_graph import platform_graph

# AWS IoT takes up to 60 minutes to serve a new domain configuration:
# docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html
_SERVED_WITHIN: Final = 60.0
_REMOVED_WITHIN: Final = 5.0
_SLICE: Final = 60.0

ALLOWED: Final = "the canary may publish"
"""The line of `put_back` about the fault."""


def check_account(tools: RunTools, journal: AcceptanceJournal) -> Evidence:
    """Record whether the environment exists; the account is verified before each step."""
    journal.stood_before = environment_exists(tools)
    return {"environment existed": "yes" if journal.stood_before else "no"}


def deploy(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Deploy every stack."""
    return terraform(tools, "deploy", "--yes")


def pause(minutes: float, tools: RunTools, journal: AcceptanceJournal) -> Evidence:
    """Wait for some minutes, counted from the first attempt if it was interrupted."""
    since = journal.attempts[-1].since
    while (left := since + minutes * 60 - tools.clock.now()) > 0:
        tools.clock.sleep(min(left, _SLICE))
    return {"waited": f"{tools.clock.now() - since:.0f} s"}


def plan(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Verify that the plan of every wave is empty; raises VerificationError.

    Without `--wave`, stacks would be planned on a sandbox instead of the existing states.
    """
    stacks = [
        stack
        for number in range(1, len(platform_graph(tools.settings).waves) + 1)
        for stack in run(
            tools, "plan", "--wave", str(number), "--detailed-exitcode", "--provider", "aws",
            allowed={ExitStatus.CHANGES},
        ).document["stacks"]
    ]  # fmt: skip
    changes = [
        f"{stack['name']}: {change['action']} {change['address']}"
        for stack in stacks
        for change in stack["changes"]
    ]
    if changes:
        raise VerificationError(
            f"the plan is not empty: {listing(changes, 3)}; fix the cause,"
            f" then run iot-dr deploy --env {tools.settings.environment} --provider aws"
        )
    return {"stacks planned": str(len(stacks)), "changes": "none"}


def ready(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Wait until the status is ok, and all checks, switches and endpoints are known."""

    def missing() -> str:
        seen = status(tools)
        return "; ".join([*seen["reasons"], *unknown_checks(tools, seen)])

    seconds = tools.wait(missing, _SERVED_WITHIN)
    return {"status": "ok", "after": f"{seconds:.0f} s"}


def certificate(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Create the test device."""
    tools.device.create()
    return {"thing": tools.device.thing, "regions": ", ".join(tools.settings.regions)}


def publish(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Publish in the primary."""
    return wait_and_publish(tools, tools.settings.primary_region)


def away(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Switch the primary away, and publish in the standby."""
    switch(tools, "away")
    return wait_and_publish(tools, tools.settings.standbys[0], "ALARM")


def still_away(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Verify that the switch kept its state, and publish."""
    standby = tools.settings.standbys[0]
    verify_region(tools, standby, "ALARM", "the switch did not keep its state without data")
    return {"switch": "still away", **wait_and_publish(tools, standby, "ALARM")}


def back(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Switch the primary back, and publish there."""
    switch(tools, "back")
    return wait_and_publish(tools, tools.settings.primary_region, "OK")


def canary_fails(tools: RunTools, journal: AcceptanceJournal) -> Evidence:
    """Let the canary fail, and publish in the standby without using the switch."""
    fault = _fault(tools)
    # An earlier attempt may have moved devices away; this one must start from the primary.
    if sum(each.step == journal.attempts[-1].step for each in journal.attempts) > 1:
        undo(tools, [])
    wait_and_publish(tools, tools.settings.primary_region, "OK")
    fault.create()
    put = "ALARM" if tools.settings.recovery.fail_back == "latched" else None
    arrived = wait_and_publish(tools, tools.settings.standbys[0], put)
    return {"denied": ", ".join(fault.roles), **arrived}


def restore_canary(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Restore the canary; verify that a latched failover stays, or else that devices are back."""
    _fault(tools).undo()
    healthy = {"deep check healthy after": f"{_wait_for_deep(tools):.0f} s"}
    if tools.settings.recovery.fail_back != "latched":
        return {**healthy, **wait_and_publish(tools, tools.settings.primary_region)}
    verify_region(tools, tools.settings.standbys[0], "ALARM", "the failover was not latched")
    return {**healthy, "latched": "yes"}


def latch_cleared(tools: RunTools, journal: AcceptanceJournal) -> Evidence:
    """Switch the primary back after a latched failover."""
    _fault(tools)
    if tools.settings.recovery.fail_back != "latched":
        raise SkippedError("recovery.fail_back is auto: devices moved back automatically")
    return back(tools, journal)


def clean(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Remove the test device."""
    thing = tools.device.thing if tools.device.exists else "none"
    remove_device(tools)
    return {"thing removed": thing, "private key": "deleted"}


def remove_device(tools: RunTools) -> None:
    """Remove the test device, once AWS has detached its certificate."""

    # AWS detaches a certificate asynchronously, and refuses to delete it before that is done:
    # docs.aws.amazon.com/iot/latest/apireference/API_DetachThingPrincipal.html
    def missing() -> str:
        try:
            tools.device.remove()
        except UserError as error:
            return str(error)
        return ""

    tools.wait(missing, _REMOVED_WITHIN)


def destroy(tools: RunTools, journal: AcceptanceJournal) -> Evidence:
    """Destroy the stacks that the run created."""
    own = tools.settings
    if journal.stood_before:
        raise SkippedError(f"{own.environment} existed before this run and is not removed")
    return terraform(tools, "destroy", "--confirm", own.environment)


def undo(tools: RunTools, lines: list[str]) -> None:
    """Undo the fault, switch the primary back and wait until DNS answers it.

    `lines` gets a line for each. The fault is first: while the primary fails, the watcher would set
    the switch again.
    """
    primary = tools.settings.primary_region
    canary = {
        ALLOWED: PublishFault(tools.settings, tools.clients).undo,
        f"the deep check of {primary} is healthy": partial(_wait_for_deep, tools),
    }
    works = {
        **(canary if tools.settings.health.mode == "deep" else {}),
        f"{primary} is switched back": partial(switch, tools, "back"),
        f"DNS answers {primary}": partial(wait_for_region, tools, primary, "OK"),
    }
    tools.clients.renew()
    try:
        # If STS does not answer, the rest may still work.
        with suppress(AwsError):
            verify_account(tools)
    except VerificationError as error:
        # In another account there is nothing to undo, and all would count as done.
        lines[:] = [f"{NOT_DONE}{each}: {error}" for each in works]
        return
    attempt_all(works, lines)


def _fault(tools: RunTools) -> PublishFault:
    if tools.settings.health.mode != "deep":
        raise SkippedError("health.mode is shallow: no health check uses a canary")
    return PublishFault(tools.settings, tools.clients)


def _wait_for_deep(tools: RunTools) -> float:
    """Wait until the primary's deep check is healthy; return the seconds."""
    primary = tools.settings.primary_region

    def missing() -> str:
        deep = of_region(status(tools), primary)["checks"].get("deep", {})
        return "" if deep.get("healthy") else f"the deep check of {primary} is not healthy"

    return tools.wait(missing, MOVED_WITHIN)
