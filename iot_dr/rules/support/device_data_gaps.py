"""Regions without a copy of a store of device data."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from iot_dr.route53.aws_host import regional_names_in
from iot_dr.rules.support.device_data_path import RULE_TYPE, DeviceDataPath
from iot_dr.rules.support.device_stores import BUCKET, DELIVERY, STREAM, TABLE, DeviceStores
from iot_dr.rules.support.regional_stack import existing_resources, regional_stacks, without_region
from iot_dr.terraform_json.argument import may_be_true, resolved_text
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_KEY: Final = "aws_kms_key"
_REPLICA_KEY: Final = "aws_kms_replica_key"
_REPLICATION: Final = "aws_s3_bucket_replication_configuration"
_ENCRYPTION: Final = "aws_s3_bucket_server_side_encryption_configuration"
_ACTION: Final = {STREAM: "kinesis", DELIVERY: "firehose"}
_Key = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A resource without a copy; `fault` is a clause that the missing regions complete."""

    resource: Resource
    regions: tuple[str, ...]
    fault: str
    advice: str


class DeviceDataGaps:
    """Compares the stores of device data with the regions of a failover."""

    def __init__(self, resources: ResourceSet, path: DeviceDataPath) -> None:
        self._resources = resources
        self._path = path
        self._buckets = _BucketCopies(resources, path.stores)
        self._regional = {each.stack.name for each in regional_stacks(resources)}

    def of(self, store: Resource, regions: frozenset[str]) -> Iterator[Gap]:
        """Yield the gaps of a table, stream or bucket, and of its key, in the other regions."""
        other_regions = tuple(sorted(regions - {store.region}))
        if store.type == TABLE:
            yield from self._table(store, other_regions)
        elif store.type == BUCKET:
            yield from self._bucket(store, other_regions)
        else:
            yield from self._stream(store, other_regions)

    def _table(self, table: Resource, other_regions: tuple[str, ...]) -> Iterator[Gap]:
        copied = self._path.copies.regions(table)
        if copied is None:
            return
        if missing := tuple(each for each in other_regions if each not in copied):
            yield Gap(
                resource=table,
                regions=missing,
                fault="it has no replica in",
                advice="Add a `replica` block for each region: a separate table of the same name"
                " is not a copy.",
            )
        yield from self._table_key(table, tuple(each for each in other_regions if each in copied))

    def _table_key(self, table: Resource, copied: tuple[str, ...]) -> Iterator[Gap]:
        for encryption in blocks(table.values, "server_side_encryption"):
            key = self._resources.referenced(table, encryption.get("kms_key_arn"))
            if key is None or key.type != _KEY:
                continue
            without = tuple(
                copy.region
                for copy in self._path.copies.of(table)
                if copy.region in copied and not self._is_own(copy.owner, copy.key, copy.region)
            )
            missing = tuple(
                region
                for region in without
                if (key.stack, key.address, region) not in self._key_copies
            )
            if missing:
                yield Gap(
                    resource=key,
                    regions=missing,
                    fault=f"the replica of {table.address}, which it encrypts, has no key in",
                    advice="Set the replica's `kms_key_arn` to a key of its region: a regional"
                    " key, or an aws_kms_replica_key of this one with `multi_region`.",
                )

    def _bucket(self, bucket: Resource, other_regions: tuple[str, ...]) -> Iterator[Gap]:
        copies = [each for each in self._buckets.of(bucket) if each.region != bucket.region]
        if not copies and not self._buckets.is_copy(bucket):
            yield Gap(
                resource=bucket,
                regions=other_regions,
                fault="its objects have no replica in",
                advice="Enable versioning, and add an aws_s3_bucket_replication_configuration with"
                " a destination bucket in another region.",
            )
        for key in self._buckets.keys(bucket):
            faulty = tuple(
                copy.region
                for copy in copies
                if copy.region
                and not (copy.takes_encrypted and self._is_own(copy.owner, copy.key, copy.region))
            )
            if faulty and len(faulty) == len(copies):
                yield Gap(
                    resource=key,
                    regions=tuple(dict.fromkeys(faulty)),
                    fault=f"no object of {bucket.address}, which it encrypts, is replicated to",
                    advice="S3 replicates encrypted objects only if the rule has"
                    " `sse_kms_encrypted_objects` and a `replica_kms_key_id` of the other region.",
                )

    def _stream(self, stream: Resource, other_regions: tuple[str, ...]) -> Iterator[Gap]:
        # `device-path-differs` compares regional stacks.
        if stream.stack in self._regional:
            return
        missing = tuple(each for each in other_regions if self._lacks_stream(stream, each))
        if missing:
            yield Gap(
                resource=stream,
                regions=missing,
                fault="no corresponding stream exists in",
                advice="A stream is regional and is not replicated: create one there too, as the"
                " target of that region's topic rules.",
            )

    def _lacks_stream(self, stream: Resource, region: str) -> bool:
        if region not in self._with_iot or (region, stream.type) in self._unknown:
            return False
        own_streams, region_streams = (
            self._streams[each, stream.type] for each in (str(stream.region), region)
        )
        return len(region_streams) < len(own_streams) and self._name(stream) not in region_streams

    @cached_property
    def _streams(self) -> Mapping[tuple[str, str], list[str]]:
        """The names of the streams of device data, by region and type."""
        streams: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for stream, _ in self._path.storage:
            streams[str(stream.region), stream.type].append(self._name(stream))
        return streams

    @cached_property
    def _unknown(self) -> set[tuple[str, str]]:
        """The regions, with a stream type, that have a rule into a stream outside the set."""
        return {
            (str(rule.region), type_)
            for rule in self._resources.of_type(RULE_TYPE)
            for name, stores in self._path.actions(rule)
            for type_, action in _ACTION.items()
            if name == action and not stores
        }

    def _name(self, stream: Resource) -> str:
        name = resolved_text(self._resources, stream, stream.values.get("name"))
        return without_region(name or stream.address)

    @cached_property
    def _with_iot(self) -> set[str | None]:
        """The regions with AWS IoT resources in the set; nothing is known about others."""
        return {
            resource.region
            for stack in self._resources.stacks
            for resource in existing_resources(stack)
            if resource.type.startswith("aws_iot_")
        }

    @cached_property
    def _key_copies(self) -> set[tuple[str, str, str | None]]:
        """The stack and address of multi-Region keys, each with the region of a replica key."""
        keys = (
            (
                self._resources.referenced(replica, replica.values.get("primary_key_arn")),
                replica.region,
            )
            for replica in self._resources.of_type(_REPLICA_KEY)
        )
        return {
            (key.stack, key.address, region)
            for key, region in keys
            if key is not None and may_be_true(key.values.get("multi_region"))
        }

    def _is_own(self, owner: Resource, key: object, region: str | None) -> bool:
        """Whether a key is, as far as is known, in a region."""
        if not isinstance(key, str) or not key:
            return False
        if (referenced := self._resources.referenced(owner, key)) is not None:
            return referenced.region in (None, region)
        regions = {each for _, each in regional_names_in(str(self._resources.resolve(owner, key)))}
        return not regions or region in regions


@dataclass(frozen=True, slots=True, kw_only=True)
class _BucketCopy:
    """A replication of a bucket: the destination's region, None if unknown.

    `takes_encrypted` means that it includes objects encrypted with KMS, which S3 excludes by
    default; `key` is its `replica_kms_key_id`, an expression of `owner`.
    """

    region: str | None
    owner: Resource
    takes_encrypted: bool
    key: Any


class _BucketCopies:
    """The replications of the buckets of a set."""

    def __init__(self, resources: ResourceSet, stores: DeviceStores) -> None:
        self._resources = resources
        self._stores = stores
        self._copies: defaultdict[_Key, list[_BucketCopy]] = defaultdict(list)
        self._keys: defaultdict[_Key, list[Resource]] = defaultdict(list)
        self._receiving = set[_Key]()
        for replication in resources.of_type(_REPLICATION):
            for bucket in stores.targets(replication, replication.values.get("bucket"), BUCKET):
                self._take(bucket, replication, replication.values, "rule")
        for replication in resources.of_type(_ENCRYPTION):
            for bucket in stores.targets(replication, replication.values.get("bucket"), BUCKET):
                self._take_keys(bucket, replication, replication.values)
        for bucket in resources.of_type(BUCKET):
            for inner in blocks(bucket.values, "replication_configuration"):
                self._take(bucket, bucket, inner, "rules")
            for inner in blocks(bucket.values, "server_side_encryption_configuration"):
                self._take_keys(bucket, bucket, inner)

    def of(self, bucket: Resource) -> tuple[_BucketCopy, ...]:
        """Return the enabled replications of a bucket."""
        return tuple(self._copies.get((bucket.stack, bucket.address), ()))

    def is_copy(self, bucket: Resource) -> bool:
        """Whether a bucket is the destination of a replication."""
        return (bucket.stack, bucket.address) in self._receiving

    def keys(self, bucket: Resource) -> tuple[Resource, ...]:
        """Return the set's KMS keys that encrypt a bucket's objects by default."""
        return tuple(self._keys.get((bucket.stack, bucket.address), ()))

    def _take(
        self, bucket: Resource, owner: Resource, values: Mapping[str, Any], rules: str
    ) -> None:
        for rule in blocks(values, rules):
            if resolved_text(self._resources, owner, rule.get("status")) == "Disabled":
                continue
            criteria = block(rule, "source_selection_criteria") or {}
            encrypted = block(criteria, "sse_kms_encrypted_objects") or {}
            for destination in blocks(rule, "destination"):
                key = block(destination, "encryption_configuration") or {}
                for region in self._regions(owner, destination.get("bucket")):
                    self._copies[bucket.stack, bucket.address].append(
                        _BucketCopy(
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
        buckets = self._stores.targets(owner, bucket)
        for target in buckets:
            self._receiving.add((target.stack, target.address))
            yield target.region
        if not buckets:
            yield None

    def _take_keys(self, bucket: Resource, owner: Resource, values: Mapping[str, Any]) -> None:
        for rule in blocks(values, "rule"):
            for default in blocks(rule, "apply_server_side_encryption_by_default"):
                key = self._resources.referenced(owner, default.get("kms_master_key_id"))
                if key is not None and key.type == "aws_kms_key":
                    self._keys[bucket.stack, bucket.address].append(key)
