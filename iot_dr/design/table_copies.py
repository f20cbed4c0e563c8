"""The replicas of DynamoDB tables, and their keys."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.region import ARN_PARTS
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_REPLICA: Final = "aws_dynamodb_table_replica"
# Version 2017.11.29 of global tables, which joins tables of one name in several regions
# (docs.aws.amazon.com/amazondynamodb/latest/developerguide/V1globaltables_HowItWorks.html).
_JOINED: Final = "aws_dynamodb_global_table"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableCopy:
    """A replica: its region, None if unknown, and its `kms_key_arn`, an expression of `owner`."""

    region: str | None
    owner: Resource
    key: Any


class TableCopies:
    """The replicas of the tables of a set, from blocks and from separate resources."""

    def __init__(self, resources: ResourceSet) -> None:
        self._resources = resources
        self._by_table: defaultdict[tuple[str, str], list[TableCopy]] = defaultdict(list)
        self._by_arn: defaultdict[str, list[TableCopy]] = defaultdict(list)
        self._by_name: defaultdict[str, list[TableCopy]] = defaultdict(list)
        self._regions: dict[tuple[str, str], frozenset[str] | None] = {}
        for replica in resources.of_type(_REPLICA):
            self._take(replica)
        for replica in resources.of_type(_JOINED):
            if name := resolved_text(resources, replica, replica.values.get("name")):
                self._by_name[name] += self._in_blocks(replica)

    def of(self, table: Resource) -> tuple[TableCopy, ...]:
        """Return the replicas of a table."""
        name = resolved_text(self._resources, table, table.values.get("name"))
        by_arn = self._by_arn.get(f"{table.region}/{name}", ()) if name else ()
        by_name = self._by_name.get(name, ()) if name else ()
        made_apart = self._by_table.get((table.stack, table.address), ())
        return (*self._in_blocks(table), *made_apart, *by_arn, *by_name)

    def regions(self, table: Resource) -> frozenset[str] | None:
        """Return the regions with a replica, None if they are not known."""
        key = (table.stack, table.address)
        if key not in self._regions:
            regions = {each.region for each in self.of(table)}
            is_known = None not in regions and not _has_unknown(table)
            self._regions[key] = frozenset(map(str, regions)) if is_known else None
        return self._regions[key]

    def _in_blocks(self, table: Resource) -> Iterator[TableCopy]:
        for replica in blocks(table.values, "replica"):
            region = resolved_text(self._resources, table, replica.get("region_name"))
            yield TableCopy(region=region, owner=table, key=replica.get("kms_key_arn"))

    def _take(self, replica: Resource) -> None:
        copy = TableCopy(
            region=replica.region, owner=replica, key=replica.values.get("kms_key_arn")
        )
        arn = replica.values.get("global_table_arn")
        if table := self._resources.referenced(replica, arn):
            self._by_table[table.stack, table.address].append(copy)
            return
        # arn:aws:dynamodb:REGION:ACCOUNT:table/NAME
        parts = str(self._resources.resolve(replica, arn)).replace(":table/", ":", 1).split(":")
        if len(parts) == ARN_PARTS:
            self._by_arn[f"{parts[3]}/{parts[5]}"].append(copy)


def _has_unknown(table: Resource) -> bool:
    """Whether `replica` blocks are known only after the apply, or dynamic."""
    dynamic: tuple[Mapping[str, Any], ...] = blocks(table.values, "dynamic")
    return "replica" in table.inferred or any("replica" in each for each in dynamic)
