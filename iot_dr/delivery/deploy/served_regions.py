"""Whether regions serve devices, before others are destroyed."""

from collections.abc import Callable, Collection

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.delivery.region_steps import DeployedRegions, RegionStep
from iot_dr.observe.status.dns_query import DnsError
from iot_dr.observe.status.endpoint import EndpointProbe, UndecidedError
from iot_dr.observe.status.network import Network


class NotServedError(UserError):
    """A region that must take over does not serve devices yet."""


def device_probe(settings: Settings) -> Callable[[str], str | None]:
    """Return a function that connects to a name as a device does, and returns what is wrong."""
    network = Network.current()
    probe = EndpointProbe(network=network, tls_policy=settings.endpoint.tls_policy)
    return lambda name: probe(name).problem


def refuse_unserved(
    settings: Settings,
    deployed: DeployedRegions,
    step: RegionStep,
    problem_at: Callable[[str], str | None],
    accepted: Collection[str] = (),
) -> None:
    """Raise NotServedError if devices would be led to a region that does not serve them.

    Before a region goes, all that stay must serve; before a region becomes the primary, that region
    must, unless it is `accepted`: between the changes of two records both lead to it (ADR 0002).
    `problem_at` returns why a device would fail at a name. AWS IoT serves a new name within an hour
    (docs.aws.amazon.com/iot/latest/developerguide/iot-custom-endpoints-configurable-custom.html).
    """
    if step.kind == "add" or not {*step.about} & {*deployed.regions, settings.primary_region}:
        # What is left of a region that the entry point does not lead to any more can go.
        return
    is_move = step.kind == "move"
    needed = {*step.about} - {*accepted} if is_move else {*step.regions}
    for region in settings.regions:
        if region not in needed:
            continue
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
            if is_move:
                message += (
                    ". During the change all records may lead there alone, and devices reach no"
                    f" region; to accept that: --unserved {region}"
                )
            raise NotServedError(message)
