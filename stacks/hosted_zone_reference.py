"""How a regional stack knows the zone that another stack owns."""

from dataclasses import dataclass

from cdktf import TerraformRemoteState


@dataclass(frozen=True, kw_only=True)
class HostedZoneReference:
    """The zone's id, and home's certificate, as values that Terraform resolves."""

    zone_id: str
    certificate_arn: str

    @classmethod
    def from_remote_state(cls, state: TerraformRemoteState) -> "HostedZoneReference":
        """Read what the zone's stack handed over: exact, and no call to AWS but for the state."""
        return cls(
            zone_id=state.get_string("zone_id"),
            certificate_arn=state.get_string("certificate_arn"),
        )
