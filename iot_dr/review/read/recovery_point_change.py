"""The recovery point before and after."""

from dataclasses import dataclass

from iot_dr.terraform_json.plan_manifest import Point


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryPointChange:
    """The recovery point that the settings give, and the one of the base where there is one.

    A point is None where the settings have no `data`; `is_compared` says that there is a base.
    """

    before: Point | None
    after: Point | None
    is_compared: bool
