"""Environments that have no state bucket yet."""

import os
from collections.abc import Sequence
from functools import partial
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.gathering import gather
from stacks.state_location import StateLocation

_SECONDS: Final = 10.0
_BUNDLE: Final = "AWS_CA_BUNDLE"


class NoBucketsError(UserError):
    """None of the state buckets exists."""


def refuse_without_buckets(environments: Sequence[Settings]) -> None:
    """Raise NoBucketsError if S3 reports that no state bucket of these environments exists.

    Terraform's own error does not name the command that creates them. Other cases are left to
    Terraform: a lost bucket must not stop the deployment of other regions, and without an answer or
    credentials nothing is known. If any environment has a `handover_region`, nothing is queried:
    states are read from copies, so that buckets exist.
    """
    if any(settings.handover_region for settings in environments):
        return
    # Terraform treats an empty variable as unset; boto3 refuses it.
    if not os.environ.get(_BUNDLE):
        os.environ.pop(_BUNDLE, None)
    if all(_is_fresh(settings) for settings in environments):
        names = ", ".join(f"`iot-dr state init --env {each.environment}`" for each in environments)
        buckets = [each.state_bucket(region) for each in environments for region in each.regions]
        message = (
            f"there is no bucket to keep a state in ({', '.join(buckets)}): run {names} first"
            " (docs/runbooks/state.md)"
        )
        raise NoBucketsError(message)


def _is_fresh(settings: Settings) -> bool:
    from iot_dr.observe.state.store import Store  # noqa: PLC0415 - boto3 takes long to load

    store = Store(settings.deploy_role_arn)
    buckets = {
        region: StateLocation(bucket=settings.state_bucket(region), key="", region=region)
        for region in settings.regions
    }
    asked = {region: partial(store.has_bucket, bucket) for region, bucket in buckets.items()}
    return set(gather(asked, _SECONDS).values()) == {False}
