"""Devices are refused while the canary still publishes, as it has a policy of its own."""

from iot_dr.drill.outages.expectation import Effect, Expectation
from iot_dr.drill.outages.outage import Outage, detection_limit, lost_region_expectation
from iot_dr.drill.rig.rig import Rig
from iot_dr.drill.rig.world.world import World


async def _begin(rig: Rig, region: str) -> None:
    # No policy is attached any more. Open links close at once, the worst case: AWS IoT applies a
    # change after 6 to 8 minutes.
    # docs.aws.amazon.com/iot/latest/developerguide/iot-policies.html
    await rig.brokers[region].refuse_all()


async def _end(rig: Rig, region: str) -> None:
    await rig.brokers[region].accept_all()


def _expects(world: World, region: str) -> Expectation:
    if region != world.primary.region:
        return lost_region_expectation(world, region)
    return Expectation(
        Effect.BLIND,
        "no check uses the devices' own policy: monitor connects, and switch the region away",
    )


DEVICE_POLICY = Outage(
    name="device-policy",
    title="devices are refused while the canary publishes",
    begin=_begin,
    end=_end,
    expects=_expects,
    lasts=detection_limit,
)
