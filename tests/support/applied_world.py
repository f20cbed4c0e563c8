"""An environment in a made-up AWS account, created from the synthesized JSON by AWS's APIs.

It has the zone, records, health checks, alarms, topics, certificates, domain configurations, and
the states with their outputs; nothing else. moto evaluates no check and no alarm, so a test sets
what Route 53's checkers report, and the state of alarms.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from environments.settings import Settings
from iot_dr.drill.play.account import client
from iot_dr.drill.play.applied import Applied, apply_stacks
from iot_dr.drill.play.faults import ApiRequest, Faults, Reply, faults_before
from iot_dr.observe.switch.metric import alarm_name
from tests.support.aws_account import account
from tests.support.region_health import Health, RegionHealth
from tests.support.synthesis import Synthesis
from tests.support.template import Template


@dataclass
class AppliedWorld(Applied):
    """The environment in the account, and the state of its health checks."""

    health: dict[str, RegionHealth] = field(default_factory=dict[str, RegionHealth])

    def see(self, health: Health) -> None:
        """Set what the checkers report from now on; a region that is not given is healthy."""
        self.health = dict(health)

    def switch(self, region: str, state: str) -> None:
        """Set the alarms of a region's switch: ALARM, OK or INSUFFICIENT_DATA."""
        for alarm_region in self.settings.alarm_regions(region):
            client("cloudwatch", alarm_region, self.endpoint).set_alarm_state(
                AlarmName=self.switch_name(region), StateValue=state, StateReason="by a test"
            )

    def switch_name(self, region: str) -> str:
        """Return the name of a region's switch."""
        return alarm_name(self.settings, region)

    def answer(self, request: ApiRequest) -> Reply | None:
        """Answer GetHealthCheckStatus as Route 53 does; for `Faults.answers`."""
        return self.check_status(request, self._reports)

    def _reports(self, check: str) -> list[tuple[str, str]]:
        kind, _, region = check.partition(" ")
        seen = self.health.get(region, RegionHealth())
        is_well = seen.deep if kind == "deep" else seen.tcp
        status = "Success: connected" if is_well else "Failure: connection timed out"
        return [(each, status) for each in ("us-east-1", "us-west-2", "eu-west-1", "ap-south-1")]


@contextmanager
def applied_world(settings: Settings, folder: Path) -> Generator[tuple[AppliedWorld, Faults]]:
    """Synthesize an environment and create it in its own account, for a `with` block.

    Clients must use `Faults.endpoint`; `new_test` resets the world before each test.
    """
    with account(settings.account_id) as moto, faults_before(moto) as faults:
        world = apply_world(settings, Synthesis(folder)(settings), moto)
        new_test(world, faults)
        yield world, faults


def new_test(world: AppliedWorld, faults: Faults) -> None:
    """Reset the world: everything answers, is healthy, and no switch is set or recorded."""
    faults.clear()
    faults.answers.append(world.answer)
    world.see({})
    for region in world.settings.regions:
        world.switch(region, "OK")
        parameters = client("ssm", region, world.endpoint)
        names = [each["Name"] for each in parameters.describe_parameters()["Parameters"]]
        if names:
            parameters.delete_parameters(Names=names)


def apply_world(settings: Settings, stacks: Mapping[str, Template], endpoint: str) -> AppliedWorld:
    """Create an environment in an empty account from its synthesized stacks by name."""
    applied = apply_stacks(settings, stacks, endpoint)
    return AppliedWorld(applied.settings, endpoint, applied.zone_id, applied.checks)
