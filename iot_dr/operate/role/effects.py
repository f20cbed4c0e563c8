"""The effects of a change of primary on devices and operations."""

from collections.abc import Iterator
from typing import Final

from environments.project import settings_file
from iot_dr.operate.role.change_of_primary import ChangeOfPrimary, regions_with_evaluated_switch
from modules.stack_names import stack_name

_CDKTF: Final = "node_modules/.bin/cdktf deploy"


def effects(change: ChangeOfPrimary) -> Iterator[str]:
    """Yield paragraphs on devices, the time of the change, switches, fail-back and pipelines."""
    yield _devices(change)
    if change.without_standby:
        yield _during(change)
    yield _switches(change)
    yield _fail_back(change)
    if change.then.pipeline:
        yield _pipelines(change)


def setting(change: ChangeOfPrimary) -> str:
    """Return the setting to change, and its file."""
    then = change.then
    return f"{settings_file(then.environment)}: primary_region: {then.primary_region}"


def commands(change: ChangeOfPrimary, provider: str) -> tuple[str, ...]:
    """Return the commands, in order, to run after the setting is changed."""
    environment = change.then.environment
    base = " --base HEAD" if provider == "standin" else ""
    return (
        f"iot-dr plan --env {environment} --provider {provider}{base}",
        f"iot-dr deploy --env {environment} --provider {provider}",
        f"iot-dr status --env {environment}",
    )


def entry_point_command(change: ChangeOfPrimary) -> str:
    """Return the command that deploys only the entry point."""
    environment = change.then.environment
    stack = stack_name(environment, "entry-point")
    return f"ENV={environment} {_CDKTF} {stack} --ignore-missing-stack-dependencies"


def rollback_command(change: ChangeOfPrimary, provider: str) -> str:
    """Return the command that plans the rollback, once the settings name the new primary."""
    environment, back = change.then.environment, change.now.primary_region
    return f"iot-dr role plan --to {back} --env {environment} --provider {provider}"


def _devices(change: ChangeOfPrimary) -> str:
    then = change.then
    return (
        "Devices: connected devices stay connected to their region, since MQTT sessions do not"
        f" follow DNS. New connections go to {then.primary_region} once Route 53 has applied the"
        f" change and cached answers have expired, within the TTL of {then.endpoint.ttl} s."
    )


def _during(change: ChangeOfPrimary) -> str:
    return (
        "During the change: Terraform updates one record after the other. In between, all records"
        f" may lead to {' or to '.join(change.without_standby)} alone, and nothing fails over. So"
        f" change the primary only while {' and '.join(change.without_standby)}"
        f" {'is' if len(change.without_standby) == 1 else 'are'} healthy."
    )


def _switches(change: ChangeOfPrimary) -> str:
    now, then = (
        " and ".join(regions_with_evaluated_switch(settings))
        for settings in (change.now, change.then)
    )
    to, environment = change.then.primary_region, change.then.environment
    return (
        f"Switches: none changes. Records evaluate those of {now} now, and of {then} afterwards. If"
        f" {to} is switched away, devices go to {change.then.standbys[0]} at once: check with"
        f" `iot-dr status --env {environment}`."
    )


def _pipelines(change: ChangeOfPrimary) -> str:
    to = change.then.primary_region
    return (
        f"Pipelines: {to} becomes the last region to be rolled out, so both pipelines change. An"
        " execution that changes its own pipeline stops: start a new one."
    )


def _fail_back(change: ChangeOfPrimary) -> str:
    now, then = change.watcher
    if then is None:
        return (
            f"Fail-back: {change.then.recovery.fail_back}; no watcher, so Route 53 moves devices"
            f" back to {change.then.primary_region} as soon as it is healthy again."
        )
    moves = f"moves from {now} to {then}" if now != then else f"stays in {then}"
    return (
        f"Fail-back: {change.then.recovery.fail_back}. The watcher {moves} and will watch"
        f" {change.then.primary_region}; until its change is applied, no failover is latched."
    )
