"""What devices and operators will see of a change of primary."""

from collections.abc import Iterator
from typing import Final

from iot_dr.operate.role.change_of_primary import ChangeOfPrimary, switches_asked
from stacks.platform_graph import stack_name

_CDKTF: Final = "node_modules/.bin/cdktf deploy"


def outlook(change: ChangeOfPrimary) -> Iterator[str]:
    """Say in a paragraph each what happens to devices, meanwhile, to switches and to fail-back."""
    yield _devices(change)
    if change.without_standby:
        yield _meanwhile(change)
    yield _switches(change)
    yield _fail_back(change)
    if change.then.pipeline:
        yield _pipelines(change)


def setting(change: ChangeOfPrimary) -> str:
    """Say what to set, and in which file."""
    then = change.then
    return f"environments/{then.environment}.yaml: primary_region: {then.primary_region}"


def commands(change: ChangeOfPrimary, provider: str) -> tuple[str, ...]:
    """Give the commands, in order, that follow the setting."""
    environment = change.then.environment
    base = " --base HEAD" if provider == "standin" else ""
    return (
        f"iot-dr plan --env {environment} --provider {provider}{base}",
        f"iot-dr deploy --env {environment} --provider {provider}",
        f"iot-dr status --env {environment}",
    )


def entry_point_alone(change: ChangeOfPrimary) -> str:
    """Give the command that deploys the entry point and no other stack."""
    environment = change.then.environment
    stack = stack_name(environment, "entry-point")
    return f"ENV={environment} {_CDKTF} {stack} --ignore-missing-stack-dependencies"


def way_back(change: ChangeOfPrimary, provider: str) -> str:
    """Give the command that shows the way back, once the settings name the new primary."""
    environment, back = change.then.environment, change.now.primary_region
    return f"iot-dr role plan --to {back} --env {environment} --provider {provider}"


def _devices(change: ChangeOfPrimary) -> str:
    then = change.then
    return (
        "Devices: none is cut off. Who is connected stays where it is until its connection ends,"
        f" for MQTT sessions do not follow DNS. New connections go to {then.primary_region} as"
        " soon as Route 53 has the change and resolvers have forgotten the old answer, within the"
        f" TTL of {then.endpoint.ttl} s."
    )


def _meanwhile(change: ChangeOfPrimary) -> str:
    return (
        "Meanwhile: Terraform changes one record after the other. Between two of them every record"
        f" may lead to {' or to '.join(change.without_standby)} alone, and nothing fails over. So"
        " change the primary while both are well."
    )


def _switches(change: ChangeOfPrimary) -> str:
    now, then = (" and ".join(switches_asked(each)) for each in (change.now, change.then))
    to, environment = change.then.primary_region, change.then.environment
    return (
        f"Switches: none is moved or put. Asked are those of {now} now, of {then} then. Whether"
        f" {to} is switched away is unknown from here, and would lead devices on to"
        f" {change.then.standbys[0]} at once: `iot-dr status --env {environment}` tells."
    )


def _pipelines(change: ChangeOfPrimary) -> str:
    to = change.then.primary_region
    return (
        f"Pipelines: {to} is rolled out as the last region then, so both change too. An execution"
        " that changes its own pipeline refuses to go on: start it anew."
    )


def _fail_back(change: ChangeOfPrimary) -> str:
    now, then = change.watcher
    if then is None:
        return (
            f"Fail-back: {change.then.recovery.fail_back}; no watcher, so Route 53 moves devices"
            f" back to {change.then.primary_region} by itself when that is well again."
        )
    moves = f"moves from {now} to {then}" if now != then else f"stays in {then}"
    return (
        f"Fail-back: {change.then.recovery.fail_back}. The watcher {moves} and will watch"
        f" {change.then.primary_region}; until its change is done, nobody latches a failover."
    )
