"""The copies of global stacks' Terraform states in the state buckets of the other regions.

docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html,
setting-repl-config-perm-overview.html.
"""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from iot_dr.design.data_links import (
    Assumer,
    Link,
    Wanted,
    argument_links,
    at,
    best,
    role_links,
)
from iot_dr.design.data_losses import DataPaths, Losses
from iot_dr.design.expectation import CopiedStates
from iot_dr.design.permissions import statements_of
from iot_dr.design.policy import ApiCall
from iot_dr.design.service_access import is_refused
from iot_dr.terraform_json.argument import resolved_template
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.json_value import Json
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_BUCKET: Final = "aws_s3_bucket"
_ARN: Final = "arn:aws:s3:::"
_ENABLED: Final = (Wanted("versioning_configuration", "status", ("Enabled",), ""),)
# Others take hours to be read, or no time at all from one that is lost.
_CLASSES: Final = {"", "STANDARD", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER_IR"}


def state_copies(resources: ResourceSet, states: CopiedStates) -> DataPaths:
    """Return which states are not copied to which regions."""
    copies, losses = _StateCopies(resources, states), Losses()
    for region in (each for each in states.buckets if each != states.home):
        for key in states.keys:
            what = f"states of {PurePosixPath(key).stem}"
            losses.take(copies.links(key, region), what, (states.home, region))
    return losses.result()


class _StateCopies:
    """The state buckets of an environment, and the rules that copy between them."""

    def __init__(self, resources: ResourceSet, states: CopiedStates) -> None:
        self._resources, self._states = resources, states

    def links(self, key: str, region: str) -> list[Link]:
        """Return why the state of a key is not copied to a region, empty if it is."""
        states, resources = self._states, self._resources
        home, copy = states.buckets[states.home], states.buckets[region]
        options = (
            [
                *self._place(configuration, states.home),
                *self._rule(configuration, rule, copy),
                *self._role(configuration, key, home, copy),
            ]
            for configuration in resources.of_type("aws_s3_bucket_replication_configuration")
            if self._name(configuration) == home
            for rule in blocks(configuration.values, "rule")
            if self._takes(configuration, rule, key)
            and self._destination(configuration, rule) in {copy, None}
        )
        return [
            *best(options, Link(f"no replication rule of {home} leads to {copy}")),
            *self._bucket(home, states.home, key),
            *self._bucket(copy, region, key),
        ]

    def _name(self, owner: Resource, value: Json = None) -> str | None:
        """Return the name of a bucket, None if it is not known."""
        value = owner.values.get("bucket") if value is None else value
        bucket = self._resources.referenced(owner, value, _BUCKET)
        if bucket and bucket.id != owner.id:
            return self._name(bucket)
        text = resolved_template(self._resources, owner, value).removeprefix(_ARN)
        return None if "${" in text else text

    def _place(self, owner: Resource, region: str) -> Iterator[Link]:
        if owner.region not in {region, None}:
            yield at(owner, f"is in {owner.region}, and not in {region}")

    def _takes(self, owner: Resource, rule: Mapping[str, Json], key: str) -> bool:
        chosen = block(rule, "filter") or {}
        both = block(chosen, "and") or {}
        if chosen.get("tag") or both.get("tags"):
            return False
        value = chosen.get("prefix") or both.get("prefix") or rule.get("prefix") or ""
        return key.startswith(resolved_template(self._resources, owner, value))

    def _destination(self, owner: Resource, rule: Mapping[str, Json]) -> str | None:
        return self._name(owner, (block(rule, "destination") or {}).get("bucket") or "")

    def _rule(self, owner: Resource, rule: Mapping[str, Json], copy: str) -> Iterator[Link]:
        where = f"the rule of {owner.address} to {copy}"
        if self._destination(owner, rule) is None:
            yield Link(f"where {where} leads", owner, is_known=False)
        destination = block(rule, "destination") or {}
        deleted = (block(rule, "delete_marker_replication") or {}).get("status")
        deleted = deleted or ("not set" if "filter" in rule else "Disabled")
        for given, wanted in (
            (rule.get("status"), {"Enabled"}),
            (deleted, {"Disabled"}),
            (destination.get("storage_class") or "", _CLASSES),
        ):
            if given not in wanted:
                yield Link(f"{where} has {given}", owner)

    def _role(self, owner: Resource, key: str, home: str, copy: str) -> Iterator[Link]:
        source = f"{_ARN}{home}"
        calls = [
            ("s3:GetReplicationConfiguration", source),
            ("s3:ListBucket", source),
            ("s3:GetObjectVersionForReplication", f"{source}/{key}"),
            ("s3:GetObjectVersionAcl", f"{source}/{key}"),
            ("s3:ReplicateObject", f"{_ARN}{copy}/{key}"),
        ]
        assumer, role = Assumer(source, self._states.account), owner.values.get("role")
        yield from role_links(self._resources, owner, role, assumer, calls)

    def _bucket(self, name: str, region: str, key: str) -> Iterator[Link]:
        """Yield why a bucket keeps no versions, or lets nobody read and write its objects."""
        resources = self._resources
        buckets = [each for each in resources.of_type(_BUCKET) if self._name(each) == name]
        missing = Link(f"no bucket {name} is declared")
        yield from best((self._place(each, region) for each in buckets), missing)
        versions = (
            [*self._place(versioning, region), *argument_links(resources, versioning, _ENABLED)]
            for versioning in resources.of_type("aws_s3_bucket_versioning")
            if self._name(versioning) == name
        )
        yield from best(versions, Link(f"the bucket {name} keeps no versions"))
        call = ApiCall("s3:ReplicateObject", f"{_ARN}{name}/{key}")
        policies = resources.of_type("aws_s3_bucket_policy")
        for policy in (each for each in policies if self._name(each) == name):
            yield from self._place(policy, region)
            if is_refused(statements_of(resources, policy, policy.values.get("policy")), call):
                yield at(policy, f"lets nobody use {name}")
