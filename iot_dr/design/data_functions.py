"""The functions on the path of device data: their variables, roles, and what invokes them."""

from collections.abc import Iterator, Mapping
from typing import Final

from functions.contract import RESERVES, RegistryVariable, TelemetryVariable
from iot_dr.design.data_declared import MAPPING, DeclaredFunctions, FunctionEnvironment, Package
from iot_dr.design.data_links import (
    ENABLED,
    QUEUE,
    STREAM,
    TABLE,
    DataStore,
    Link,
    Wanted,
    argument_links,
    at,
    best,
    call_context,
    key_calls,
    place_of,
    refused_calls,
    refused_statements,
)
from iot_dr.design.functions import function_problem, package_of, variables_of
from iot_dr.design.permissions import grants
from iot_dr.terraform_json.argument import number_of
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.expression import literal, texts
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet
from modules.registry_statements import RegistryStatements
from modules.stream_delays import TABLE_STREAM_RETENTION

_REPORT: Final = "ReportBatchItemFailures"
# docs.aws.amazon.com/iot/latest/developerguide/sqs-rule-action.html: no FIFO queues.
STANDARD: Final = (Wanted("", "fifo_queue", ("false",), "false"),)
_OF_STREAM: Final = (*ENABLED, Wanted("", "starting_position", ("TRIM_HORIZON",)))


_OF_REGISTRY: Final = (RegistryVariable.RETRY_QUEUE, RegistryVariable.DEAD_LETTER_QUEUE)
# The queues that a function sends to, by variable.
_SENDS: Final = {
    Package.CAPTURE: (*_OF_REGISTRY, RegistryVariable.CHANGES_QUEUE),
    Package.APPLY: (*_OF_REGISTRY, RegistryVariable.SHADOWS_QUEUE),
    Package.RECONCILE: (*_OF_REGISTRY, RegistryVariable.RECONCILE_QUEUE),
    Package.TELEMETRY: (TelemetryVariable.FAILED_QUEUE,),
}
# Which function reads them; of others people do.
_READ_BY: Final[Mapping[str, Package]] = {
    RegistryVariable.RETRY_QUEUE: Package.APPLY,
    RegistryVariable.CHANGES_QUEUE: Package.CAPTURE,
    RegistryVariable.SHADOWS_QUEUE: Package.APPLY,
    RegistryVariable.RECONCILE_QUEUE: Package.RECONCILE,
}
# What all functions of the registry have alike.
_ALIKE: Final = (
    RegistryVariable.EXCLUDED_POLICIES,
    RegistryVariable.EXCLUDED_CA_CERTIFICATES,
    RegistryVariable.COPY_REPORTED,
)
_ROWS: Final = {
    Package.CAPTURE: ("PutItem", "Query"),
    Package.APPLY: ("PutItem", "Query", "UpdateItem"),
    Package.RECONCILE: ("PutItem", "Query", "Scan", "UpdateItem"),
    Package.TELEMETRY: ("PutItem",),
}
_DEFAULT_TIMEOUT: Final = 3_000
_FOLLOW: Final = ("DescribeStream", "GetRecords", "GetShardIterator")
# What Lambda does for a function, by source: docs.aws.amazon.com/lambda/latest/dg/
# services-sqs-configure.html, services-kinesis-create.html, services-dynamodb-eventsourcemapping.
_READS: Final = {
    QUEUE: ("sqs", ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
    STREAM: ("kinesis", (*_FOLLOW, "DescribeStreamSummary", "ListShards")),
    TABLE: ("dynamodb", _FOLLOW),
}


class DataFunctions(DeclaredFunctions):
    """The declared functions, and why they do not do their work."""

    def __init__(self, resources: ResourceSet, environment: FunctionEnvironment | None) -> None:
        super().__init__(resources, environment)
        self._alike: dict[str, str] = {name: self.common(name) for name in _ALIKE}
        self._readers = dict[tuple[DataStore, str, Package], list[Link]]()

    def readers(self, source: DataStore | None, type_: str, package: Package) -> list[Link]:
        """Return why no event source mapping brings a source to a function, empty if one does."""
        if source is None or not source.name:
            return [Link(f"what brings data to the function {package}", None, is_known=False)]
        key = source, type_, package
        if key not in self._readers:
            self._readers[key] = self._read(source, type_, package)
        return self._readers[key]

    def _read(self, source: DataStore, type_: str, package: Package) -> list[Link]:
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
        self, function: Resource, package: Package, source: DataStore, type_: str
    ) -> Iterator[Link]:
        """Yield why a function does not do its work with what a source brings."""
        resources = self.resources
        if problem := function_problem(resources, function):
            yield Link(problem, function)
        if package_of(resources, function) != package:
            handler = resources.resolve(function, function.values.get("handler"))
            problem = f"has the handler {handler}, not that of {package}"
            # The code of others may call this project's.
            yield at(function, problem, is_known=self.environment.is_whole)
        yield from self._unread(function, package)
        yield from self._late(function, package, self.queues.get(source))
        for name, wanted in self._variables(package).items():
            given = literal(resources.resolve(function, variables_of(function).get(name)))
            if given and wanted and set(given.split(",")) != set(wanted.split(",")):
                yield at(function, f"has the {name} {given}, expected {wanted}")
        for action in [*self._refused(function, package, source, type_)][:1]:
            yield at(function, f"may not do {action}: its role does not allow it")

    def _unread(self, function: Resource, package: Package) -> Iterator[Link]:
        """Yield the queues that a function sends to and another one should read."""
        for name in _SENDS[package]:
            reader, place = _READ_BY.get(name), self.place(function, name)
            if reader and place in self.queues and not any(self.mappings(place, QUEUE, reader)):
                problem = f"sends to {place.name}, which {reader} does not read"
                yield at(function, problem, is_known=self.environment.is_whole)

    def _late(self, function: Resource, package: Package, queue: Resource | None) -> Iterator[Link]:
        """Yield that a function has no time, or more than its queue, which must not be FIFO.

        docs.aws.amazon.com/lambda/latest/dg/configuration-timeout.html, services-sqs-configure.html
        (Lambda refuses it), docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/
        API_SetQueueAttributes.html.
        """
        seconds = number_of(self.resources, function, "timeout")
        reserve = RESERVES.get(package, _DEFAULT_TIMEOUT)
        if seconds and seconds * 1000 <= reserve:
            yield at(function, f"begins nothing in {seconds} s: it needs {reserve} ms")
        if queue:
            yield from argument_links(self.resources, queue, STANDARD)
            kept = number_of(self.resources, queue, "message_retention_seconds")
            if kept is not None and kept < TABLE_STREAM_RETENTION:
                yield at(queue, f"deletes messages after {kept} s, and not after a day at least")
            shown = number_of(self.resources, queue, "visibility_timeout_seconds")
            if seconds and shown is not None and shown < seconds:
                again = f"{queue.address} shows a message again after {shown} s"
                yield at(function, f"may take {seconds} s, and {again}")

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
        self, function: Resource, package: Package, source: DataStore, type_: str
    ) -> Iterator[str]:
        region, environment = function.region, self.environment
        table = DataStore(region, environment.tables[package == Package.TELEMETRY]).arn(TABLE)
        calls = [(f"dynamodb:{call}", table) for call in _ROWS[package]]
        service, reads = _READS[type_]
        # AWS makes the label of a table's stream, which a state has.
        read = f"{table}/stream/${{label}}" if type_ == TABLE else source.arn(type_)
        calls += [(f"{service}:{each}", read) for each in reads]
        calls += [("dynamodb:ListStreams", "*")] if type_ == TABLE else []
        calls += key_calls(self.resources, self.streams.get(source), "kms:Decrypt")
        queues = (self.place(function, name) for name in _SENDS[package])
        calls += [("sqs:SendMessage", queue.arn(QUEUE)) for queue in queues if queue]
        allowed = grants(self.resources, function)
        context = call_context(function, environment.account)
        yield from refused_calls(allowed, context, calls)
        registry = RegistryStatements(str(region), "")
        wanted = {
            Package.CAPTURE: [],
            Package.APPLY: registry.writing((), ())[:2],
            Package.RECONCILE: registry.listing(),
        }
        if package in wanted:
            every = (*registry.reading(), *wanted[package])
            yield from refused_statements(allowed, context, every)


def mapping_links(resources: ResourceSet, mapping: Resource, *, is_stream: bool) -> Iterator[Link]:
    """Yield why an event source mapping loses some of what its source has.

    docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html.
    """
    values = mapping.values
    yield from argument_links(resources, mapping, _OF_STREAM if is_stream else ENABLED)
    is_known = "function_response_types" not in mapping.inferred
    is_one = number_of(resources, mapping, "batch_size") == 1
    # A batch of one message fails as a whole, if the function raises.
    if _REPORT not in texts(values.get("function_response_types")) and is_known and not is_one:
        yield at(mapping, f"takes failed records as done: it has no {_REPORT}")
    # A state has 0 for a queue, whose messages are received again.
    if is_stream and number_of(resources, mapping, "maximum_retry_attempts") == 0:
        yield at(mapping, "gives up a batch that fails: it is not retried")
    age = number_of(resources, mapping, "maximum_record_age_in_seconds")
    if is_stream and age is not None and 0 <= age < TABLE_STREAM_RETENTION:
        yield at(mapping, f"gives up records after {age} s, and not after a day at least")
    if not is_stream and any(blocks(each, "filter") for each in blocks(values, "filter_criteria")):
        yield at(mapping, "has a filter, and drops the messages that do not match")
