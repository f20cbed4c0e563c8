"""How long lists show a certificate after it was detached from its thing."""

from functools import partial
from typing import Final

from iot_dr.acceptance.probes.probe import RefutedError
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.steps import remove_device
from iot_dr.acceptance.tools import RunTools
from iot_dr.common.waiting import WaitTimeoutError

_ATTACHED_WITHIN: Final = 1.0
_DETACHED_WITHIN: Final = 5.0


def observe(tools: RunTools) -> Evidence:
    """Attach and detach the test device's certificate, and read both lists until it is gone."""
    tools.device.create()
    region, thing = tools.settings.primary_region, tools.device.thing
    principal = tools.device.arn(region)
    call = partial(tools.clients.call, "iot", region)

    def lists() -> tuple[bool, bool]:
        principals = call("list_thing_principals", thingName=thing)["principals"]
        things = call("list_principal_things", principal=principal)["things"]
        return principal in principals, thing in things

    tools.wait(lambda: "" if all(lists()) else "not attached yet", _ATTACHED_WITHIN)
    call("detach_thing_principal", thingName=thing, principal=principal)
    try:
        seconds = tools.wait(
            lambda: "lists still show the certificate" if any(lists()) else "", _DETACHED_WITHIN
        )
    except WaitTimeoutError as error:
        raise RefutedError(str(error)) from error
    return {"region": region, "gone from both lists after": f"{seconds:.0f} s"}


def remove(tools: RunTools) -> None:
    """Remove the test device in every region."""
    remove_device(tools)
