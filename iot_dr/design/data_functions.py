"""The functions on the path of device data: their variables, roles, and what invokes them."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from functions.contract import RESERVES, RegistryVariable, TelemetryVariable
from iot_dr.design.data_links import (
    QUEUE,
    STREAM,
    TABLE,
    Link,
    Place,
    Wanted,
    argument_links,
    best,
    call_context,
    declared_place,
    key_calls,
    known_text,
    place_of,
    refused_calls,
    refused_statements,
)
from iot_dr.design.functions import function_problem, package_of, variables_of
from iot_dr.design.permissions import grants, is_function
from iot_dr.terraform_json.argument import whole_number
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import literal, texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.registry_statements import RegistryStatements

MAPPING: Final = "aws_lambda_event_source_mapping"
_REPORT: Final = "ReportBatchItemFailures"
# Seconds: docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html,
# docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html.
_TIMES: Final = {"timeout": "3", "visibility_timeout_seconds": "30"}
ENABLED: Final = (Wanted("", "enabled"),)
# docs.aws.amazon.com/iot/latest/developerguide/sqs-rule-action.html: no FIFO queues.
_STANDARD: Final = (Wanted("", "fifo_queue", ("false",), "false"),)
_OF_STREAM: Final = (*ENABLED, Wanted("", "starting_position", ("TRIM_HORIZON",)))


class Package(StrEnum):
    """The packages of `functions` on the path."""

    CAPTURE = "registry_capture"
    APPLY = "registry_apply"
    RECONCILE = "registry_reconcile"
    TELEMETRY = "telemetry"


_OF_REGISTRY: Final = (RegistryVariable.RETRY_QUEUE, RegistryVariable.PARKED_QUEUE)
# The queues that a function sends to, by variable.
_SENDS: Final = {
    Package.CAPTURE: (*_OF_REGISTRY, RegistryVariable.CHANGES_QUEUE),
    Package.APPLY: _OF_REGISTRY,
    Package.RECONCILE: (*_OF_REGISTRY, RegistryVariable.RECONCILE_QUEUE),
    Package.TELEMETRY: (TelemetryVariable.FAILED_QUEUE,),
}
# Which function reads them; of others people do.
_READ_BY: Final[Mapping[str, Package]] = {
    RegistryVariable.RETRY_QUEUE: Package.APPLY,
    RegistryVariable.CHANGES_QUEUE: Package.CAPTURE,
    RegistryVariable.RECONCILE_QUEUE: Package.RECONCILE,
}
# What all functions of the registry have alike.
_ALIKE: Final = (
    RegistryVariable.EXCLUDED_POLICIES,
    RegistryVariable.EXCLUDED_CA_CERTIFICATES,
    RegistryVariable.COPY_REPORTED,
)
_DEFAULT_TIMEOUT: Final = 3_000
_FOLLOW: Final = ("DescribeStream", "GetRecords", "GetShardIterator")
# What Lambda does for a function, by source: docs.aws.amazon.com/lambda/latest/dg/
# services-sqs-configure.html, services-kinesis-create.html, services-dynamodb-eventsourcemapping.
_READS: Final = {
    QUEUE: ("sqs", ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
    STREAM: ("kinesis", (*_FOLLOW, "ListShards")),
    TABLE: ("dynamodb", _FOLLOW),
}


class Environment(NamedTuple):
    """What functions share: the account, regions, and tables of the registry and of states.

    The name and account are empty where they are not known. `is_whole`: every resource is declared
    here, so that one that is not does not exist. `is_logged`: a trail of the account logs calls.
    Tables can be recovered for `recovery_days`, None if that is not known.
    """

    name: str
    account: str
    regions: tuple[str, ...]
    tables: tuple[str, str]
    is_whole: bool
    is_logged: bool = False
    recovery_days: int | None = None


class DataFunctions:
    """The functions of this project that a set declares, by package and region."""

    def __init__(self, resources: ResourceSet, environment: Environment | None) -> None:
        self.resources = resources
        self._by_package = defaultdict[tuple[Package, str], list[Resource]](list)
        for function in resources.of_type("aws_lambda_function"):
            package = _package(resources, function)
            if package and function.region:
                self._by_package[package, function.region].append(function)
        self.environment = environment or self._inferred()
        self.queues, self.streams = (
            {declared_place(resources, each): each for each in resources.of_type(type_)}
            for type_ in (QUEUE, STREAM)
        )
        self._alike: dict[str, str] = {name: self._common(name) for name in _ALIKE}
        self._readers = dict[tuple[Place, str, Package], list[Link]]()

    def of(self, package: Package, *regions: str) -> list[Resource]:
        """Return the functions of a package in regions."""
        return [each for region in regions for each in self._by_package.get((package, region), ())]

    def is_declared(self, region: str) -> bool:
        """Whether any function is declared in a region."""
        return any(place == region for _, place in self._by_package)

    def stacks(self, region: str) -> set[str]:
        """Return the stacks with functions of a region."""
        return {function.stack for package in Package for function in self.of(package, region)}

    def read(self) -> set[Place | None]:
        """Return the queues that functions read."""
        return {
            place_of(self.resources, mapping, mapping.values.get("event_source_arn"), QUEUE)
            for mapping in self.resources.of_type(MAPPING)
        }

    def missing(self, type_: str, region: str, problem: str) -> Link:
        """Return the link of a resource of a type that is not found.

        It does not exist if the stacks of the region's functions have others of the type.
        """
        stacks = self.stacks(region)
        is_other = any(each.stack in stacks for each in self.resources.of_type(type_))
        return Link(problem, None, is_known=self.environment.is_whole or is_other)

    def place(self, function: Resource, name: str, type_: str = QUEUE) -> Place | None:
        """Return the queue or table of a variable, None if it is not known."""
        return place_of(self.resources, function, variables_of(function).get(name), type_)

    def readers(self, source: Place | None, type_: str, package: Package) -> list[Link]:
        """Return why no event source mapping brings a source to a function, empty if one does."""
        if source is None or not source.name:
            return [Link(f"what brings data to the function {package}", None, is_known=False)]
        key = source, type_, package
        if key not in self._readers:
            self._readers[key] = self._read(source, type_, package)
        return self._readers[key]

    def mappings(
        self, source: Place, type_: str, package: Package
    ) -> Iterator[tuple[Resource, Resource]]:
        """Yield the event source mappings from a source to functions, each with the function."""
        for mapping in self.resources.of_type(MAPPING):
            value = mapping.values.get("event_source_arn")
            is_there = mapping.region in {source.region, None}
            if is_there and place_of(self.resources, mapping, value, type_) == source:
                for function in self.of(package, str(source.region)):
                    name = mapping.values.get("function_name")
                    if is_function(self.resources, mapping, name, function):
                        yield mapping, function

    def _read(self, source: Place, type_: str, package: Package) -> list[Link]:
        options = (
            [
                *mapping_links(self.resources, mapping, is_stream=type_ != QUEUE),
                *self.links(function, package, source, type_),
            ]
            for mapping, function in self.mappings(source, type_, package)
        )
        problem = f"nothing reads {source.name} of {source.region} into the function {package}"
        missing = self.missing(MAPPING, str(source.region), problem)
        others = (each for each in self.resources.of_type(MAPPING) if each.region == source.region)
        is_known = missing.is_known and not any(map(self._is_unknown, others))
        return best(options, missing._replace(is_known=is_known))

    def _is_unknown(self, mapping: Resource) -> bool:
        """Whether it is not known what an event source mapping reads."""
        value = mapping.values.get("event_source_arn")
        is_declared = self.resources.referenced(mapping, value) is not None
        return not is_declared and place_of(self.resources, mapping, value, QUEUE) is None

    def links(
        self, function: Resource, package: Package, source: Place, type_: str
    ) -> Iterator[Link]:
        """Yield why a function does not do its work with what a source brings."""
        address, resources = function.address, self.resources
        if problem := function_problem(resources, function):
            yield Link(problem, function)
        if package_of(resources, function) != package:
            handler = resources.resolve(function, function.values.get("handler"))
            problem = f"{address} has the handler {handler}, not that of {package}"
            # The code of others may call this project's.
            yield Link(problem, function, is_known=self.environment.is_whole)
        if queue := self.queues.get(source):
            yield from argument_links(resources, queue, _STANDARD)
        yield from self._unread(function, package)
        timeout = known_text(resources, function, function.values.get("timeout"), "3")
        reserve = RESERVES.get(package, _DEFAULT_TIMEOUT)
        if (seconds := whole_number(timeout)) and seconds * 1000 <= reserve:
            yield Link(f"{address} begins nothing in {seconds} s: it needs {reserve} ms", function)
        for name, wanted in self._variables(package).items():
            given = literal(resources.resolve(function, variables_of(function).get(name)))
            if given and wanted and set(given.split(",")) != set(wanted.split(",")):
                yield Link(f"{address} has the {name} {given}, expected {wanted}", function)
        times = [
            whole_number(known_text(resources, owner, owner.values.get(name), default))
            for owner, (name, default) in zip(
                (function, self.queues.get(source)), _TIMES.items(), strict=True
            )
            if owner
        ]
        # docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: Lambda refuses that.
        if type_ == QUEUE and None not in times and times != sorted(map(int, map(str, times))):
            problem = f"{address} may take {times[0]} s, and {source.name} shows a message again"
            yield Link(f"{problem} after {times[-1]} s", function)
        for action in [*self._refused(function, package, source, type_)][:1]:
            yield Link(f"{address} may not do {action}: its role does not allow it", function)

    def _unread(self, function: Resource, package: Package) -> Iterator[Link]:
        """Yield the queues that a function sends to and another one should read."""
        for name in _SENDS[package]:
            reader, place = _READ_BY.get(name), self.place(function, name)
            if reader and place in self.queues and not any(self.mappings(place, QUEUE, reader)):
                problem = f"{function.address} sends to {place.name}, which {reader} does not read"
                yield Link(problem, function, is_known=self.environment.is_whole)

    def _variables(self, package: Package) -> dict[str, str]:
        environment = self.environment
        if package == Package.TELEMETRY:
            return {
                TelemetryVariable.TABLE: environment.tables[1],
                TelemetryVariable.ENVIRONMENT: environment.name,
            }
        return self._alike | {
            RegistryVariable.ENVIRONMENT: environment.name,
            RegistryVariable.TABLE: environment.tables[0],
            RegistryVariable.ACCOUNT: environment.account,
            RegistryVariable.REGIONS: ",".join(environment.regions),
        }

    def _refused(
        self, function: Resource, package: Package, source: Place, type_: str
    ) -> Iterator[str]:
        is_telemetry, region = package == Package.TELEMETRY, function.region
        table = Place(region, self.environment.tables[is_telemetry]).arn(TABLE)
        calls = [("dynamodb:PutItem", table)]
        calls += [("dynamodb:Query", table)] if not is_telemetry else []
        calls += [("dynamodb:Scan", table)] if package == Package.RECONCILE else []
        service, reads = _READS[type_]
        # AWS makes the label of a table's stream, which a state has.
        read = f"{table}/stream/${{label}}" if type_ == TABLE else source.arn(type_)
        calls += [(f"{service}:{each}", read) for each in reads]
        calls += [("dynamodb:ListStreams", "*")] if type_ == TABLE else []
        calls += key_calls(self.resources, self.streams.get(source), "kms:Decrypt")
        queues = (self.place(function, name) for name in _SENDS[package])
        calls += [("sqs:SendMessage", queue.arn(QUEUE)) for queue in queues if queue]
        allowed = grants(self.resources, function)
        context = call_context(function, self.environment.account)
        yield from refused_calls(allowed, context, calls)
        statements = RegistryStatements(str(region), "")
        wanted = [] if is_telemetry else statements.reading()
        wanted += statements.writing((), ())[:2] if package == Package.APPLY else []
        wanted += statements.listing() if package == Package.RECONCILE else []
        yield from refused_statements(allowed, context, wanted)

    def _common(self, name: str) -> str:
        """Return what most functions have as a variable."""
        values = Counter(
            text
            for functions in self._by_package.values()
            for function in functions
            if (text := literal(self.resources.resolve(function, variables_of(function).get(name))))
        )
        return next((text for text, _ in values.most_common(1)), "")

    def _inferred(self) -> Environment:
        """Return what most functions say."""
        registry, states, regions = Counter[str](), Counter[str](), Counter[str]()
        for (package, _), functions in self._by_package.items():
            for function in functions:
                if place := self.place(function, TelemetryVariable.TABLE, TABLE):
                    states[place.name] += 1
                if package != Package.TELEMETRY and (
                    place := self.place(function, RegistryVariable.TABLE, TABLE)
                ):
                    registry[place.name] += 1
                value = variables_of(function).get(RegistryVariable.REGIONS)
                if text := literal(self.resources.resolve(function, value)):
                    regions[text] += 1
        (names, first, second) = (
            next((name for name, _ in counter.most_common(1)), "")
            for counter in (regions, registry, states)
        )
        declared = dict.fromkeys(region for _, region in self._by_package)
        every = tuple(names.split(",")) if names else tuple(declared)
        return Environment("", "", every, (first, second), is_whole=False)


def mapping_links(resources: ResourceSet, mapping: Resource, *, is_stream: bool) -> Iterator[Link]:
    """Yield why an event source mapping loses some of what its source has.

    docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html.
    """
    values, address = mapping.values, mapping.address
    yield from argument_links(resources, mapping, _OF_STREAM if is_stream else ENABLED)
    is_known = "function_response_types" not in mapping.inferred
    is_one = str(resources.resolve(mapping, values.get("batch_size"))) == "1"
    # A batch of one message fails as a whole, if the function raises.
    if _REPORT not in texts(values.get("function_response_types")) and is_known and not is_one:
        yield Link(f"{address} takes failed records as done: it has no {_REPORT}", mapping)
    # A state has 0 for a queue, whose messages are received again.
    attempts = str(resources.resolve(mapping, values.get("maximum_retry_attempts")))
    if is_stream and attempts == "0":
        yield Link(f"{address} gives up a batch that fails: it is not retried", mapping)
    if not is_stream and any(blocks(each, "filter") for each in blocks(values, "filter_criteria")):
        yield Link(f"{address} has a filter, and drops the messages that do not match", mapping)


def _package(resources: ResourceSet, function: Resource) -> Package | None:
    """Return the package of a function by its handler, else by its variables."""
    if (package := package_of(resources, function)) in set(Package):
        return Package(package)
    names = variables_of(function).keys()
    if RegistryVariable.TABLE not in names:
        return Package.TELEMETRY if TelemetryVariable.TABLE in names else None
    if RegistryVariable.CHANGES_QUEUE in names:
        return Package.CAPTURE
    return Package.RECONCILE if RegistryVariable.RECONCILE_QUEUE in names else Package.APPLY
