"""The hosted zone as other stacks refer to it."""

from dataclasses import dataclass

from cdktf import TerraformRemoteState


@dataclass(frozen=True, kw_only=True)
class HostedZoneReference:
    """The zone's id and the home region's certificate, as references that Terraform resolves."""

    zone_id: str
    certificate_arn: str

    @classmethod
    def from_remote_state(cls, state: TerraformRemoteState) -> "HostedZoneReference":
        """Return the references to the outputs of the zone's stack in its remote state."""
        return cls(
            zone_id=state.get_string("zone_id"),
            certificate_arn=state.get_string("certificate_arn"),
        )
