"""The predicted recovery time before and after."""

from dataclasses import dataclass

from iot_dr.terraform_json.plan_manifest import Recovery


@dataclass(frozen=True, slots=True)
class RecoveryChange:
    """What a change of settings does to the recovery time, in seconds; told only when it differs.

    `target` is `recovery.rto` of the settings.
    """

    before: Recovery
    after: Recovery
    target: float
