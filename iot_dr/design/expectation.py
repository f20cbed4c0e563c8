"""What the settings of an environment require of its design."""

from collections.abc import Mapping
from dataclasses import dataclass

from iot_dr.forecast.recovery_inputs import RecoveryInputs
from iot_dr.route53.failover_config import FailoverConfig
from modules.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedRule:
    """A rule whose findings are accepted, by its id, and why."""

    rule: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedStates:
    """The keys of the states that are copied from the home region's bucket to all others.

    `buckets` are the names of the state buckets by region.
    """

    account: str
    home: str
    buckets: Mapping[str, str]
    keys: tuple[str, ...]


# Compared by identity, so that what is read of a design can be kept.
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DesignExpectation:
    """What an environment's Terraform should declare; `generate/expectation.py` makes it.

    `context` has the environment, makes its names, and has the permissions boundary of functions
    if a pipeline creates their roles. `regional_names` has a region's DNS name and `alarm_regions`
    the regions with the alarm of its switch, in the order of the settings. `certificate_region` is
    the region whose stack has the certificates' validation record, None for the zone's;
    `adopted_region` that of a platform that existed before. `rto` is in seconds. With
    `uses_account_trail`, calls to AWS IoT are logged by a trail that is not declared.

    `recovery_days` is for how long device data can be recovered, None without device data.
    `waves` are the stacks in the order of their graph, with the number of their wave.
    `regional_stacks` are the stacks that a region has or would have, for every region with AWS IoT.
    """

    context: Context
    account_id: str
    zone_name: str
    endpoint_domain: str
    device_name: str
    regional_names: Mapping[str, str]
    leaving_regions: tuple[str, ...]
    alarm_regions: Mapping[str, tuple[str, ...]]
    certificate_region: str | None
    adopted_region: str | None
    tls_policy: str
    failover: FailoverConfig
    recovery: RecoveryInputs
    rto: int
    accepted_rules: tuple[AcceptedRule, ...]
    states: CopiedStates
    recovery_days: int | None
    waves: Mapping[str, int]
    regional_stacks: Mapping[str, tuple[str, ...]]
    uses_account_trail: bool

    @property
    def environment(self) -> str:
        """The environment's name."""
        return self.context.environment

    @property
    def regions(self) -> tuple[str, ...]:
        """The regions in the order of the settings, whichever is primary."""
        return tuple(self.regional_names)
