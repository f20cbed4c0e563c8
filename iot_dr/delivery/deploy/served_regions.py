"""Whether regions serve devices, before others are destroyed."""

from collections.abc import Callable

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.region_steps import DeployedRegions, RegionStep
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.endpoint import EndpointProbe, UndecidedError
from iot_dr.observe.status.network import Network


class NotServedError(UserError):
    """A region that must take over does not serve devices yet."""


def device_problem(settings: Settings) -> Callable[[str], str | None]:
    """Return a function that connects to a name as a device does, and returns what is wrong."""
    network = Network.current()
    probe = EndpointProbe(network=network, tls_policy=settings.endpoint.tls_policy)
    return lambda name: probe(name).problem


def refuse_unserved(
    settings: Settings,
    deployed: DeployedRegions,
    step: RegionStep,
    problem_at: Callable[[str], str | None],
) -> None:
    """Raise NotServedError if a region that stays does not serve devices, before others go.

    `problem_at` returns why a device would fail at a name. AWS IoT serves a new name within an hour
    (docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html).
    """
    if step.kind == "add" or not {*step.about} & {*deployed.regions, settings.primary_region}:
        # What is left of a region that the entry point does not lead to any more can go.
        return
    for region in settings.regions:
        name = settings.regional_name(region)
        try:
            problem = problem_at(name)
        except UndecidedError:
            continue
        except (DnsError, UserError, OSError) as error:
            problem = str(error)
        if problem:
            message = (
                f"{step}: not yet: {name} does not serve devices ({problem}); AWS IoT takes up to"
                f" 60 minutes. Check: iot-dr status --env {settings.environment}"
            )
            raise NotServedError(message)
