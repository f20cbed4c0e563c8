"""The path of device data between regions: from a change in one to its arrival in another.

A change of the registry passes an event or an API call, a queue, the capture function, the global
table, its stream and the apply function; a device's state passes a stream, a function and a table.
The functions are this project's, known by their handlers and variables (`functions/contract.py`):
of other code nothing is said.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import permutations
from typing import Final

from functions.contract import DEVICE_KEY, ENTITY_KEY, EXPIRY, REGION_KEY, Kind, RegistryVariable
from iot_dr.design.data_capture import SOURCES, capture_links, stream_links
from iot_dr.design.data_declared import FunctionEnvironment, Package
from iot_dr.design.data_functions import DataFunctions, mapping_links
from iot_dr.design.data_given_up import GivenUp
from iot_dr.design.data_links import (
    QUEUE,
    TABLE,
    DataStore,
    Link,
    Wanted,
    argument_links,
    at,
    best,
    known_text,
)
from iot_dr.design.data_losses import DataPaths, Losses
from iot_dr.design.event_pattern import matches
from iot_dr.design.expectation import DesignExpectation
from iot_dr.design.permissions import is_function
from iot_dr.design.policy import any_true
from iot_dr.design.schedule import schedule_of
from iot_dr.design.state_copies import state_copies
from iot_dr.design.table_copies import TableCopies
from iot_dr.design.topic_rules import RULE, rule_links, topic_rules
from iot_dr.terraform_json.argument import resolved_template, whole_number
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.json_value import Json, json_in
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.device_table_names import registry_table, state_table
from modules.registry_sources import TELEMETRY_FIELDS, telemetry_topics
from modules.stack_names import stack_name

_STATES: Final = "device states"
_KEEPS: Final = "device data is not kept as it should be"
# docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
_LOOP: Final = "aws_lambda_function_recursion_config"
# docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html
_COPIED: Final = (
    Wanted("", "stream_enabled", default="false"),
    Wanted("", "stream_view_type", ("NEW_AND_OLD_IMAGES",)),
    Wanted("replica", "consistency_mode", ("EVENTUAL",), "EVENTUAL"),
)
_ON_DEMAND: Final = (Wanted("", "billing_mode", ("PAY_PER_REQUEST",), "PROVISIONED"),)
_KEPT: Final = (
    Wanted("point_in_time_recovery", "enabled", default="false"),
    Wanted("", "deletion_protection_enabled", default="false"),
    Wanted("replica", "point_in_time_recovery", default="false"),
    Wanted("replica", "deletion_protection_enabled", default="false"),
)
# Rows of a stream by the name of their event; removed ones are not applied.
_ROWS: Final = {"INSERT": "new rows", "MODIFY": "changed rows"}
_FROM_TABLE: Final = {"eventSource": "aws:dynamodb"}
# One of each kind, and both halves of a shadow: filters may select rows by the beginning or end.
_ENTITIES: Final = tuple(
    f"{kind}/{name}"
    for kind in Kind
    for name in (("x//desired", "x//reported") if kind is Kind.SHADOW else ("x",))
)
_APPLIED_FROM: Final = (RegistryVariable.RETRY_QUEUE, RegistryVariable.SHADOWS_QUEUE)
_Pair = tuple[str, str]


def data_paths(resources: ResourceSet, expected: DesignExpectation | None) -> DataPaths:
    """Return what is lost between the regions of the settings, else of the functions' variables.

    Without settings, or without some stack of theirs, what is not declared may exist elsewhere.
    """
    if expected is None:
        return _paths(resources, None)
    name, names = expected.environment, {each.cdktf_name or each.name for each in resources.stacks}
    paths = DataPaths()
    if stack_name(name, "data") in expected.waves:
        tables = registry_table(expected.context), state_table(expected.context)
        is_whole = expected.waves.keys() <= names
        environment = FunctionEnvironment(
            *(name, expected.account_id, expected.regions, tables, is_whole),
            is_logged=expected.uses_account_trail,
            recovery_days=expected.recovery_days,
        )
        paths = _paths(resources, environment)
    if stack_name(name, "state") in names:
        copies = state_copies(resources, expected.states)
        paths = DataPaths((*paths.lost, *copies.lost), (*paths.unknown, *copies.unknown))
    return paths


# One with settings, one without: rules and proof want both.
@lru_cache(maxsize=2)
def _paths(resources: ResourceSet, environment: FunctionEnvironment | None) -> DataPaths:
    return _Paths(DataFunctions(resources, environment)).result()


class _Paths:
    """The paths between each two regions, each until its first broken link."""

    def __init__(self, functions: DataFunctions) -> None:
        self._functions, self._resources = functions, functions.resources
        self._environment = functions.environment
        self._copies = TableCopies(self._resources)
        self._losses = Losses()

    def result(self) -> DataPaths:
        """Return what is lost of every kind of data."""
        (registry, states), functions = self._environment.tables, self._functions
        every, is_whole = self._environment.regions, self._environment.is_whole
        regions = [each for each in every if is_whole or functions.is_declared(each)]
        if (
            is_whole
            or functions.of(Package.CAPTURE, *regions)
            or functions.of(Package.APPLY, *regions)
        ):
            self._follow_registry(registry, regions)
            for region in regions:
                missing = Link(f"no function in {region} reconciles", None, is_known=is_whole)
                options = map(self._reconciles, functions.of(Package.RECONCILE, region))
                lead = f"what events missed in {region} is not found"
                self._losses.judge(lead, best(options, missing))
            self._keep(registry, EXPIRY)
        if is_whole or functions.of(Package.TELEMETRY, *regions):
            sent = {region: [*self._telemetry(region)] for region in regions}
            for pair in permutations(regions, 2):
                self._losses.take(
                    (*sent[pair[0]], *self._table(states, DEVICE_KEY, pair)), _STATES, pair
                )
            self._keep(states, "")
        for region in regions if is_whole else ():
            links = GivenUp(functions).links(region)
            self._losses.judge(f"what cannot be passed on in {region} is lost", links)
        for region in every if regions else ():
            if region not in regions:
                problem = f"whether data of {region} arrives: nothing of it is passed"
                self._losses.judge("", [Link(problem, is_known=False)])
        return self._losses.result()

    def _follow_registry(self, table: str, regions: Sequence[str]) -> None:
        captured = {
            (source.what, region): [*capture_links(self._functions, source, region)]
            for source in SOURCES
            for region in regions
        }
        for pair in permutations(regions, 2):
            applied = [*self._table(table, ENTITY_KEY, pair), *self._apply(table, *pair)]
            for kind in SOURCES:
                self._losses.take((*captured[kind.what, pair[0]], *applied), kind.what, pair)

    def _apply(self, name: str, source: str, target: str) -> Iterator[Link]:
        """Yield why rows of a region do not change the registry of another."""
        stream, functions = DataStore(target, name), self._functions
        yield from functions.readers(stream, TABLE, Package.APPLY)
        mappings = [each for each, _ in functions.mappings(stream, TABLE, Package.APPLY)]
        yield from self._skipped(mappings, source) if mappings else ()
        options = (
            [
                link
                for name in _APPLIED_FROM
                for link in functions.readers(functions.place(function, name), QUEUE, Package.APPLY)
            ]
            for function in functions.of(Package.APPLY, target)
        )
        yield from best(
            options, Link(f"no function in {target} applies rows", None, is_known=False)
        )

    def _skipped(self, mappings: Sequence[Resource], region: str) -> Iterator[Link]:
        """Yield which rows of a region no mapping takes, and why those that take one lose it.

        docs.aws.amazon.com/lambda/latest/dg/with-ddb-filtering.html.
        """
        filters = [(mapping, self._patterns(mapping)) for mapping in mappings]
        for event, rows in _ROWS.items():
            for entity in _ENTITIES:
                keys = {REGION_KEY: {"S": region}, ENTITY_KEY: {"S": entity}}
                row = {"eventName": event, **_FROM_TABLE, "dynamodb": {"Keys": keys}}
                taken = [(each, _takes(patterns, row)) for each, patterns in filters]
                takers = [each for each, is_taken in taken if is_taken]
                if takers:
                    losses = (
                        mapping_links(self._resources, each, is_stream=True) for each in takers
                    )
                    yield from best(losses, Link(""))
                    continue
                names = " and ".join(each.address for each in mappings)
                problem = f"{names} skips {rows} of {region}, such as {entity}"
                is_known = all(is_taken is False for _, is_taken in taken)
                yield Link(problem, mappings[0], is_known=is_known)
                break

    def _patterns(self, mapping: Resource) -> list[Json]:
        return [
            json_in(resolved_template(self._resources, mapping, rows.get("pattern")))
            for criteria in blocks(mapping.values, "filter_criteria")
            for rows in blocks(criteria, "filter")
        ]

    def _telemetry(self, region: str) -> Iterator[Link]:
        """Yield why what devices send to a region does not reach its table."""
        name, resources = self._environment.name, self._resources
        rules = (each for each in resources.of_type(RULE) if each.region == region)
        options = (
            [
                *rule_links(resources, rule, TELEMETRY_FIELDS),
                *stream_links(self._functions, rule, action),
            ]
            for rule in (topic_rules(resources, telemetry_topics(name), region) if name else rules)
            for action in blocks(rule.values, "kinesis")
        )
        does = "sends what devices send to a stream"
        yield from self._functions.best(options, RULE, region, does)

    def _reconciles(self, function: Resource) -> Iterator[Link]:
        if problem := schedule_of(self._resources, function).problem:
            yield Link(f"{function.address}: {problem}", function)
        if not any(
            config.values.get("recursive_loop") == "Allow" and config.region == function.region
            for config in self._resources.of_type(_LOOP)
            if is_function(self._resources, config, config.values.get("function_name"), function)
        ):
            problem = f"Lambda ends {function.address} as a loop: no {_LOOP} allows it"
            yield self._functions.missing(_LOOP, str(function.region), problem)
        queue = self._functions.place(function, RegistryVariable.RECONCILE_QUEUE)
        yield from self._functions.readers(queue, QUEUE, Package.RECONCILE)

    def _named(self, name: str) -> list[Resource]:
        return [
            table
            for table in self._resources.of_type(TABLE)
            if resolved_template(self._resources, table, table.values.get("name")) == name
        ]

    def _table(self, name: str, key: str, regions: _Pair) -> list[Link]:
        """Return why a table does not bring the items of its functions from a region to another."""
        options = (self._of_table(table, key, regions) for table in self._named(name))
        is_known = self._environment.is_whole
        return best(options, Link(f"no table {name} is declared", None, is_known=is_known))

    def _of_table(self, table: Resource, key: str, regions: _Pair) -> Iterator[Link]:
        keys = (Wanted("", "hash_key", (key,), ""), Wanted("", "range_key", (REGION_KEY,), ""))
        yield from argument_links(self._resources, table, (*keys, *_COPIED))
        if not table.values.get("read_capacity"):
            yield from argument_links(self._resources, table, _ON_DEMAND)
        types = {each.get("name"): each.get("type") for each in blocks(table.values, "attribute")}
        is_known = types or not {"attribute", "dynamic"} & {*table.inferred, *table.values}
        for name in (key, REGION_KEY) if is_known else ():
            if types.get(name) != "S":
                yield at(table, f"has the key {name} of type {types.get(name)}")
        replicas = self._copies.regions(table)
        if replicas is None:
            yield Link(f"which replicas {table.address} has", table, is_known=False)
            return
        for region in regions:
            if region not in {table.region, *replicas}:
                yield at(table, f"has no replica in {region}")

    def _keep(self, name: str, expiry: str) -> None:
        """Judge what of a table is lost after a mistake, and which items DynamoDB deletes."""
        for table in self._named(name):
            wanted = (*_KEPT, Wanted("ttl", "attribute_name", (expiry,), ""))
            if expiry:
                wanted += (Wanted("ttl", "enabled", default="false"),)
            links = argument_links(self._resources, table, wanted)
            self._losses.judge(_KEEPS, [*links, *self._recovery(table)])

    def _recovery(self, table: Resource) -> Iterator[Link]:
        """Yield that a table cannot be recovered for as long as the settings say.

        35 days without a number: docs.aws.amazon.com/amazondynamodb/latest/APIReference/
        API_PointInTimeRecoverySpecification.html.
        """
        given = (block(table.values, "point_in_time_recovery") or {}).get("recovery_period_in_days")
        days = whole_number(known_text(self._resources, table, given, "35"))
        if days and days < (self._environment.recovery_days or 0):
            yield at(table, f"can be recovered for {days} days alone")


def _takes(patterns: Sequence[Json], row: Json) -> bool | None:
    return any_true(matches(pattern, row) for pattern in patterns) if patterns else True
