"""Tables, streams, buckets, queues, topics and functions, found by reference, ARN or name."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from iot_dr.design.table_copies import TableCopies
from iot_dr.route53.aws_host import is_region
from iot_dr.terraform_json.argument import resolved_text
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

TABLE: Final = "aws_dynamodb_table"
STREAM: Final = "aws_kinesis_stream"
DELIVERY: Final = "aws_kinesis_firehose_delivery_stream"
BUCKET: Final = "aws_s3_bucket"
QUEUE: Final = "aws_sqs_queue"
TOPIC: Final = "aws_sns_topic"
FUNCTION: Final = "aws_lambda_function"

_ALIAS: Final = "aws_lambda_alias"
_NAMES: Final = {
    TABLE: "name",
    STREAM: "name",
    DELIVERY: "name",
    BUCKET: "bucket",
    QUEUE: "name",
    TOPIC: "name",
    FUNCTION: "function_name",
}
# Services in ARNs (docs.aws.amazon.com/service-authorization/latest/reference).
_SERVICES: Final = {
    "dynamodb": TABLE,
    "kinesis": STREAM,
    "firehose": DELIVERY,
    "s3": BUCKET,
    "sqs": QUEUE,
    "sns": TOPIC,
    "lambda": FUNCTION,
}
# Limits hostile documents: real resources do not share a name so often.
_MOST_NAMED: Final = 256
_ARN: Final = re.compile(
    rf"arn:[^:]*:({'|'.join(_SERVICES)}):([^:]*):[^:]*:"
    r"(?:table/|stream/|deliverystream/|function:)?+([\w.-]+)(?=[/:]|\Z)"
)


class DeviceStores:
    """The managed resources of a set that store or pass on data."""

    def __init__(self, resources: ResourceSet, copies: TableCopies) -> None:
        self._resources = resources
        self._copies = copies
        self._named: Mapping[tuple[str, str], list[Resource]] = _by_name(resources)

    def targets(self, resource: Resource, value: object, type_: str = "") -> tuple[Resource, ...]:
        """Return the stores that a value leads to; a bare name needs its resource type `type_`.

        A data source counts as the resource that it reads, in its own region.
        """
        stores = self._all(resource, value, type_) if isinstance(value, str) else ()
        return tuple({(each.stack, each.address): each for each in stores}.values())

    def is_named(self, resource: Resource, value: object) -> bool:
        """Whether a value is the ARN of a store, in the set or not."""
        text = self._resources.resolve(resource, value)
        return isinstance(text, str) and _ARN.match(text) is not None

    def _all(self, resource: Resource, value: str, type_: str) -> Iterator[Resource]:
        for candidate in self._resources.candidates(resource, value):
            if candidate.type in _NAMES:
                yield from [candidate] if candidate.mode == "managed" else self._read(candidate)
            elif candidate.type == _ALIAS:
                yield from self._aliased(candidate)
        text = self._resources.resolve(resource, value)
        if isinstance(text, str):
            for service, region, name in _ARN.findall(text):
                yield from self._in(_SERVICES[service], name, region if is_region(region) else None)
            if type_ and "/" not in text:
                yield from self._in(type_, text, resource.region)

    def _aliased(self, alias: Resource) -> Iterator[Resource]:
        value = alias.values.get("function_name")
        for candidate in self._resources.candidates(alias, value):
            if candidate.type == FUNCTION and candidate.mode == "managed":
                yield candidate
        if name := resolved_text(self._resources, alias, value):
            yield from self._in(FUNCTION, name, alias.region)

    def _read(self, source: Resource) -> Iterator[Resource]:
        name = resolved_text(self._resources, source, source.values.get(_NAMES[source.type]))
        return self._in(source.type, name, source.region) if name else iter(())

    def _in(self, type_: str, name: str, region: str | None) -> Iterator[Resource]:
        named: Sequence[Resource] = self._named.get((type_, name), ())
        for resource in named[:_MOST_NAMED]:
            copied = self._copies.regions(resource) if type_ == TABLE else frozenset[str]()
            if region is None or resource.region in (None, region) or region in (copied or ()):
                yield resource


def _by_name(resources: ResourceSet) -> Mapping[tuple[str, str], list[Resource]]:
    by_name: defaultdict[tuple[str, str], list[Resource]] = defaultdict(list)
    for type_, argument in _NAMES.items():
        for resource in resources.of_type(type_):
            if name := resolved_text(resources, resource, resource.values.get(argument)):
                by_name[type_, name].append(resource)
    return by_name
