"""What changes in some regions only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OneSided:
    """Resources that all regions have and that change in `changed` alone.

    `what` names them without their region, e.g. `aws_iot_policy.device: update`; `paths` are the
    attributes that differ.
    """

    what: str
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    paths: tuple[str, ...]
