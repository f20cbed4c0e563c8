"""The one-way replication of Terraform states to other regions' buckets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

from cdktf import ITerraformDependable
from cdktf_cdktf_provider_aws.iam_role import IamRole
from cdktf_cdktf_provider_aws.iam_role_policy import IamRolePolicy
from cdktf_cdktf_provider_aws.provider import AwsProvider
from cdktf_cdktf_provider_aws.s3_bucket_replication_configuration import (
    S3BucketReplicationConfigurationA,
    S3BucketReplicationConfigurationRule,
    S3BucketReplicationConfigurationRuleDeleteMarkerReplication,
    S3BucketReplicationConfigurationRuleDestination,
    S3BucketReplicationConfigurationRuleFilter,
)
from constructs import Construct

from modules.inputs import require
from modules.module import Module
from modules.policy_document import policy_document, trust

# docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html
_MOST_RULES = 1000
# docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_ROLE_NAME_LENGTH = 64
_ACCOUNT_LENGTH = 12


@dataclass(frozen=True, kw_only=True)
class ReplicatedBucket:
    """A bucket's name; its region as in policy names (`eu_west_1`); `slot` as in logical ids."""

    bucket: str
    region: str
    slot: str


@dataclass(frozen=True, kw_only=True)
class StateReplicationInputs:
    """The objects `keys` to copy from the bucket `source` to each of `destinations`.

    `versioning` has the buckets' versioning resources, which replication requires. `boundary_arn`
    is the role's permissions boundary, if any.
    """

    provider: AwsProvider
    role_name: str
    account_id: str
    source: ReplicatedBucket
    destinations: Sequence[ReplicatedBucket]
    keys: Sequence[str]
    versioning: Sequence[ITerraformDependable]
    boundary_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class StateReplicationOutputs:
    """The ARN of the role that S3 assumes to replicate."""

    role_arn: str


class StateReplication(Module):
    """A replication rule for each key and destination, and a role that may copy only those objects.

    A rule's filter is a prefix, so it matches the lock `KEY.tflock` too, which the role may not
    read: its policy has exact object ARNs. Deletions are not replicated, so a state that was
    deleted by mistake, or with its region, remains in the copies. A new destination appends rules
    and a policy and changes no other resource. Raises InputError for wrong names or keys, a
    destination that is the source, and more than 1000 rules. Sources, below
    docs.aws.amazon.com/AmazonS3/latest/userguide: replication.html, replication-add-config.html,
    setting-repl-config-perm-overview.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: StateReplicationInputs) -> None:
        _check(inputs)
        super().__init__(scope, id_)
        self._inputs = inputs
        role = self.flat(
            IamRole(
                self,
                "role",
                provider=inputs.provider,
                name=inputs.role_name,
                description="S3 copies the global stacks' states in its name",
                assume_role_policy=policy_document(
                    [trust("s3", inputs.account_id, _arn(inputs.source.bucket))]
                ),
                permissions_boundary=inputs.boundary_arn,
            ),
            "state_replication",
        )
        policies = [
            self._policy(inputs.source, role.id, _may_read(inputs)),
            *(
                self._policy(destination, role.id, _may_write(destination.bucket, inputs.keys))
                for destination in inputs.destinations
            ),
        ]
        self._configuration(role.arn, policies)
        self.outputs = StateReplicationOutputs(role_arn=role.arn)

    def _policy(
        self, bucket: ReplicatedBucket, role: str, statements: list[dict[str, object]]
    ) -> IamRolePolicy:
        return self.flat(
            IamRolePolicy(
                self,
                f"policy_state_{bucket.slot}",
                provider=self._inputs.provider,
                name=f"state_{bucket.region}",
                role=role,
                policy=policy_document(statements),
            ),
            f"state_{bucket.slot}",
        )

    def _configuration(self, role_arn: str, policies: Iterable[ITerraformDependable]) -> None:
        copies = product(self._inputs.destinations, self._inputs.keys)
        self.flat(
            S3BucketReplicationConfigurationA(
                self,
                "replication",
                provider=self._inputs.provider,
                bucket=self._inputs.source.bucket,
                role=role_arn,
                rule=[
                    _rule(number, destination, key)
                    for number, (destination, key) in enumerate(copies, 1)
                ],
                depends_on=[*self._inputs.versioning, *policies],
            ),
            f"state_{self._inputs.source.slot}",
        )


def _check(inputs: StateReplicationInputs) -> None:
    name, account = inputs.role_name, inputs.account_id
    destinations, keys = inputs.destinations, inputs.keys
    source, buckets = inputs.source.bucket, [each.bucket for each in destinations]
    rules = len(destinations) * len(keys)
    for is_valid, name_of_input, value, expected in (
        (0 < len(name) <= _ROLE_NAME_LENGTH, "role_name", name, "1 to 64 characters"),
        (len(account) == _ACCOUNT_LENGTH and account.isdigit(), "account_id", account, "12 digits"),
        (bool(keys) and len(set(keys)) == len(keys), "keys", keys, "different keys, at least one"),
        (not any("*" in k or "?" in k for k in keys), "keys", keys, "keys without * and ?"),
        (bool(buckets), "destinations", buckets, "at least one bucket"),
        (
            source not in buckets,
            "destinations",
            buckets,
            f"other buckets than the source {source}",
        ),
        (rules <= _MOST_RULES, "destinations", buckets, f"at most {_MOST_RULES} rules in all"),
    ):
        require(is_valid, StateReplication, name_of_input, value, expected)


def _rule(
    number: int, destination: ReplicatedBucket, key: str
) -> S3BucketReplicationConfigurationRule:
    return S3BucketReplicationConfigurationRule(
        id=f"{destination.region}/{key}",
        # Priorities must be unique within a configuration.
        priority=number,
        status="Enabled",
        filter=S3BucketReplicationConfigurationRuleFilter(prefix=key),
        delete_marker_replication=S3BucketReplicationConfigurationRuleDeleteMarkerReplication(
            status="Disabled"
        ),
        destination=S3BucketReplicationConfigurationRuleDestination(
            bucket=_arn(destination.bucket)
        ),
    )


def _may_read(inputs: StateReplicationInputs) -> list[dict[str, object]]:
    return [
        {
            "Effect": "Allow",
            "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
            "Resource": _arn(inputs.source.bucket),
        },
        {
            "Effect": "Allow",
            "Action": ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl"],
            "Resource": [f"{_arn(inputs.source.bucket)}/{key}" for key in inputs.keys],
        },
    ]


def _may_write(bucket: str, keys: Sequence[str]) -> list[dict[str, object]]:
    # Neither ReplicateDelete nor ReplicateTags: deletions are not copied, and states have no tags.
    objects = [f"{_arn(bucket)}/{key}" for key in keys]
    return [{"Effect": "Allow", "Action": "s3:ReplicateObject", "Resource": objects}]


def _arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"
