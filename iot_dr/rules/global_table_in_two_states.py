"""A DynamoDB global table that two states manage."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from iot_dr.design.expectation import DesignExpectation
from iot_dr.rules.rule import Finding, Rule, finding_at
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

_ID: Final = "global-table-in-two-states"
_TABLE: Final = "aws_dynamodb_table"
_REPLICA: Final = "aws_dynamodb_table_replica"
_ADVICE: Final = (
    "Keep the table and all its replicas, as `replica` blocks, in one state; stacks of other"
    " regions read their replica with a data source."
)


def _find(resources: ResourceSet, _expected: DesignExpectation | None) -> Iterator[Finding]:
    yield from _replicas(resources)
    named = defaultdict[str, list[Resource]](list)
    for table in resources.of_type(_TABLE):
        if (name := resolved_text(resources, table, table.values.get("name"))) is not None:
            named[name].append(table)
    for name, same in named.items():
        yield from _shared(resources, name, same)


def _replicas(resources: ResourceSet) -> Iterator[Finding]:
    for replica in resources.of_type(_REPLICA):
        arn = replica.values.get("global_table_arn")
        table = resources.referenced(replica, arn)
        is_elsewhere = (
            table.stack != replica.stack or table.mode == "data"
            if table
            else str(arn).startswith("arn:")
        )
        if is_elsewhere:
            owner = f"{table.address} of {table.stack}" if table else f"{arn}"
            yield finding_at(
                replica,
                _ID,
                f"it adds a replica to {owner}, a table of another state: that state plans to"
                " remove the replica, destroying the table deletes every replica, and neither state"
                f" can be planned while the other's region is down. {_ADVICE}",
            )


def _shared(resources: ResourceSet, name: str, same: list[Resource]) -> Iterator[Finding]:
    for owner in same:
        replicas = blocks(owner.values, "replica")
        regions = {resolved_text(resources, owner, each.get("region_name")) for each in replicas}
        # Without a replica in its region, a copy is a separate table of the same name.
        places = {None, owner.region, *regions} if regions else ()
        for copy in same:
            if copy.stack != owner.stack and copy.region in places:
                yield finding_at(
                    copy,
                    _ID,
                    f"the table {name} is also {owner.address} of {owner.stack}, which has a"
                    f" replica in {copy.region or 'other regions'}: each state reverts the changes"
                    f" of the other. {_ADVICE}",
                )


RULE: Final = Rule(
    id=_ID,
    title="One state for a global table and its replicas",
    why="A global table is one resource in several regions. If two states manage parts of it, each"
    " plans to remove the other's part, and a plan of either needs both regions: while one is down,"
    " neither can be changed.",
    source="registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/"
    "dynamodb_table_replica; tried with provider 5.100.0",
    find=_find,
)
