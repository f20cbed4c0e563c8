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
    """There is no bucket to keep a state in."""


def refuse_fresh(environments: Sequence[Settings]) -> None:
    """Raise NoBucketsError when S3 says of every bucket of all these that there is none.

    Terraform's own error knows no command of ours. All else is left to Terraform: a bucket that is
    lost is no reason to keep the other regions from being deployed, and where nobody answers, or
    there are no credentials, nothing is known. An environment whose states are read from copies
    is not fresh, and its home is not asked.
    """
    if any(settings.handover_region for settings in environments):
        return
    # For Terraform an empty variable is none, for boto3 a value that it refuses.
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
