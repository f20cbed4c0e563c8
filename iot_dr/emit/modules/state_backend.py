"""The module `state-backend`: the buckets of Terraform's state."""

from dataclasses import replace
from typing import Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import TAGS
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import BOUNDARY, COPIED_KEYS
from iot_dr.emit.variables.region_inputs import region_of
from iot_dr.emit.variables.rules import validation
from iot_dr.emit.variables.settings import SETTINGS
from modules.state_bucket import StateBucket, StateBucketInputs, StateBucketOutputs
from modules.state_replication import ReplicatedBucket, StateReplication, StateReplicationInputs

_PRIMARY, _STANDBY = "aws.primary", "aws.standby"
_SLOTS: Final = {"primary": "home_region", "standby": "standby_region"}
_KEY: Final = "${rule.value}"
_STANDBY_REGION: Final = region_of(
    "standby_region", "the region of aws.standby, or null for the provider's", default=None
)


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    context = stack.context("local.home_region")
    for slot, region in _SLOTS.items():
        stack.guard(region, f"aws.{slot}")
    stack.bucket_prefix()
    buckets = [_bucket(stack, slot) for slot in _SLOTS]
    source, destination = (_replicated(slot) for slot in _SLOTS)
    StateReplication(
        stack,
        "replication",
        StateReplicationInputs(
            provider=stack.provider(_PRIMARY),
            role_name=context.name("state-replication"),
            account_id="${local.account_id}",
            source=source,
            destinations=[destination],
            keys=[_KEY],
            versioning=[bucket.versioning for bucket in buckets],
            boundary_arn="${var.permissions_boundary_arn}",
        ),
    )
    stack.repeat(
        "aws_s3_bucket_replication_configuration.state_primary",
        "rule",
        f"var.{COPIED_KEYS.name}",
        numbered="priority",
    )
    for slot, region in _SLOTS.items():
        objects = f"arn:aws:s3:::{_name(region)}/${{key}}"
        stack.local(f"copied_{slot}", f'${{[for key in var.{COPIED_KEYS.name} : "{objects}"]}}')
        stack.list_in_policy(
            f"aws_iam_role_policy.state_{slot}",
            f"arn:aws:s3:::{_name(region)}/{_KEY}",
            f"local.copied_{slot}",
        )
    return ()


def _name(region: str) -> str:
    return f"${{local.bucket_prefix}}-${{var.environment}}-${{local.{region}}}"


def _replicated(slot: str) -> ReplicatedBucket:
    region = _SLOTS[slot]
    named = f'${{replace(local.{region}, "-", "_")}}'
    return ReplicatedBucket(bucket=_name(region), region=named, slot=slot)


def _bucket(stack: EmittedModuleStack, slot: str) -> StateBucketOutputs:
    bucket = StateBucket(
        stack,
        f"bucket_{slot}",
        StateBucketInputs(
            provider=stack.provider(f"aws.{slot}"), bucket_name=_name(_SLOTS[slot]), slot=slot
        ),
    ).outputs
    stack.output(
        f"state_bucket_{slot}",
        bucket.bucket_name,
        f"Name of the bucket for the states of what aws.{slot} works on",
    )
    return bucket


STATE_BACKEND: Final = Blueprint(
    name="state-backend",
    title="State backend",
    purpose="A versioned, encrypted, private, TLS-only S3 bucket for Terraform's state in each of"
    " two regions, and one-way replication of the states that the standby must read during an"
    " outage of the home region.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "account_id", "bucket_prefix")),
        region_of(
            "home_region",
            "the region of aws.primary, where global states are written, or null for the"
            " provider's",
            default=None,
        ),
        replace(
            _STANDBY_REGION,
            validations=(
                *_STANDBY_REGION.validations,
                validation(
                    "standby_region",
                    "is the home region; expected another one",
                    unless="var.standby_region != var.home_region",
                ),
            ),
        ),
        COPIED_KEYS,
        BOUNDARY,
        TAGS,
    ),
    aliases=(_PRIMARY, _STANDBY),
    build=_build,
    files={"replication": r"replication"},
    first="""\
Apply it before all others, with local state, as its own bucket does not exist yet. Then add the \
backend, with the name in the output `state_bucket_primary`, and move the state there by \
`terraform init -migrate-state`.

```hcl
terraform {
  backend "s3" {
    bucket       = "example-111111111111-dev-eu-west-1"
    key          = "dev/state.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }
}
```""",
    notes=(
        (
            "Keep the states of what is global or in the home region in `state_bucket_primary`, and"
            " the standby's own in `state_bucket_standby`: then the standby can be changed while"
            " the home region is gone."
        ),
        (
            "What the standby reads of the global states it can read from its own bucket: a"
            ' `terraform_remote_state` with `bucket = "STATE_BUCKET_STANDBY"`, the same key, and'
            " the standby's region. Do not write to the copies: the next copy replaces them, and"
            " none goes back."
        ),
        (
            "The buckets have `prevent_destroy`, and S3 deletes only an empty one. To give them up,"
            " move the states elsewhere, take the buckets out of this module's state (`terraform"
            " state rm ADDRESS`), run `terraform destroy`, delete all versions of all objects, and"
            " then the buckets."
        ),
    ),
)
