"""Where the objects of buckets are replicated to, and the keys that encrypt both."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from iot_dr.rules.support.device_stores import BUCKET, DeviceStores
from iot_dr.terraform_json.argument import text_of
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_REPLICATION: Final = "aws_s3_bucket_replication_configuration"
_ENCRYPTION: Final = "aws_s3_bucket_server_side_encryption_configuration"
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketCopy:
    """A replication: the region it goes to, None where it is not known.

    `takes_encrypted` says whether it takes what a key of KMS encrypts, which S3 else leaves out;
    `key` is what its `replica_kms_key_id` says, as `owner` has it.
    """

    region: str | None
    owner: Resource
    takes_encrypted: bool
    key: Any


class BucketCopies:
    """The replications of the buckets of a set."""

    def __init__(self, resources: ResourceSet, stores: DeviceStores) -> None:
        self._resources = resources
        self._stores = stores
        self._copies: defaultdict[_Key, list[BucketCopy]] = defaultdict(list)
        self._keys: defaultdict[_Key, list[Resource]] = defaultdict(list)
        self._receiving = set[_Key]()
        for each in resources.of_type(_REPLICATION):
            for bucket in stores.found(each, each.values.get("bucket"), BUCKET):
                self._take(bucket, each, each.values, "rule")
        for each in resources.of_type(_ENCRYPTION):
            for bucket in stores.found(each, each.values.get("bucket"), BUCKET):
                self._take_keys(bucket, each, each.values)
        for bucket in resources.of_type(BUCKET):
            for inner in blocks(bucket.values, "replication_configuration"):
                self._take(bucket, bucket, inner, "rules")
            for inner in blocks(bucket.values, "server_side_encryption_configuration"):
                self._take_keys(bucket, bucket, inner)

    def of(self, bucket: Resource) -> tuple[BucketCopy, ...]:
        """Give the replications of a bucket that are on."""
        return tuple(self._copies.get((bucket.stack, bucket.address), ()))

    def is_copy(self, bucket: Resource) -> bool:
        """Tell whether another bucket is replicated into this one."""
        return (bucket.stack, bucket.address) in self._receiving

    def keys(self, bucket: Resource) -> tuple[Resource, ...]:
        """Give the keys of the set that encrypt what comes into a bucket."""
        return tuple(self._keys.get((bucket.stack, bucket.address), ()))

    def _take(
        self, bucket: Resource, owner: Resource, values: Mapping[str, Any], rules: str
    ) -> None:
        for rule in blocks(values, rules):
            if text_of(self._resources, owner, rule.get("status")) == "Disabled":
                continue
            criteria = block(rule, "source_selection_criteria") or {}
            encrypted = block(criteria, "sse_kms_encrypted_objects") or {}
            for destination in blocks(rule, "destination"):
                key = block(destination, "encryption_configuration") or {}
                for region in self._regions(owner, destination.get("bucket")):
                    self._copies[bucket.stack, bucket.address].append(
                        BucketCopy(
                            region=region,
                            owner=owner,
                            takes_encrypted=bool(encrypted)
                            and encrypted.get("status") != "Disabled"
                            and encrypted.get("enabled") is not False,
                            key=key.get(
                                "replica_kms_key_id", destination.get("replica_kms_key_id")
                            ),
                        )
                    )

    def _regions(self, owner: Resource, bucket: object) -> Iterator[str | None]:
        found = self._stores.found(owner, bucket)
        for each in found:
            self._receiving.add((each.stack, each.address))
            yield each.region
        if not found:
            yield None

    def _take_keys(self, bucket: Resource, owner: Resource, values: Mapping[str, Any]) -> None:
        for rule in blocks(values, "rule"):
            for default in blocks(rule, "apply_server_side_encryption_by_default"):
                key = self._resources.referred(owner, default.get("kms_master_key_id"))
                if key is not None and key.type == "aws_kms_key":
                    self._keys[bucket.stack, bucket.address].append(key)
