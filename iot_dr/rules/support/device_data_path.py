"""The way of device data: from the topic rules of AWS IoT to where it is kept."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from iot_dr.rules.support.device_stores import (
    BUCKET,
    DELIVERY,
    FUNCTION,
    STREAM,
    TABLE,
    TOPIC,
    DeviceStores,
)
from iot_dr.rules.support.function_writes import FunctionWrites
from iot_dr.rules.support.strings import strings
from iot_dr.rules.support.table_copies import TableCopies
from iot_dr.terraform_json.block import blocks
from iot_dr.terraform_json.resource import Resource
from iot_dr.terraform_json.resource_set import ResourceSet

RULE_TYPE: Final = "aws_iot_topic_rule"
_KEPT_IN: Final = (TABLE, STREAM, DELIVERY, BUCKET)
# Arguments of a rule's actions that are bare names; what failed goes to a person, and is no copy.
_NAMED: Final = {
    ("dynamodb", "table_name"): TABLE,
    ("dynamodbv2", "table_name"): TABLE,
    ("kinesis", "stream_name"): STREAM,
    ("firehose", "delivery_stream_name"): DELIVERY,
    ("s3", "bucket_name"): BUCKET,
    ("lambda", "function_arn"): FUNCTION,
    ("sqs", "queue_url"): "",
    ("sns", "target_arn"): TOPIC,
}
# What takes from one and brings to another, by the arguments that say so.
_CONSUMERS: Final = {
    "aws_lambda_event_source_mapping": ("event_source_arn", "function_name"),
    "aws_sns_topic_subscription": ("topic_arn", "endpoint"),
    "aws_pipes_pipe": ("source", "target"),
}
_Key = tuple[str, str]


class DeviceDataPath:
    """What device data goes through and is kept in; `kept` has each with the rule it comes from."""

    def __init__(self, resources: ResourceSet) -> None:
        self.copies = TableCopies(resources)
        self.stores = DeviceStores(resources, self.copies)
        self._writes = FunctionWrites(resources, self.stores)
        self._onward: defaultdict[_Key, list[Resource]] = defaultdict(list)
        self._take_consumers(resources)
        self.kept: tuple[tuple[Resource, Resource], ...] = tuple(self._follow(resources))

    def actions(self, rule: Resource) -> Iterator[tuple[str, tuple[Resource, ...]]]:
        """Yield what a rule's actions name, by the action's block, each with what it leads to."""
        for (name, argument), type_ in _NAMED.items():
            for path, text in strings(rule.values.get(name), name):
                if path.endswith(f".{argument}"):
                    yield name, self.stores.found(rule, text, type_)

    def _follow(self, resources: ResourceSet) -> Iterator[tuple[Resource, Resource]]:
        # Sorted, so that the same rule is told whatever the order of the stacks.
        rules = sorted(resources.of_type(RULE_TYPE), key=_key)
        waiting = [(each, each) for each in rules]
        seen = set[_Key]()
        for resource, rule in waiting:
            if (key := _key(resource)) in seen:
                continue
            seen.add(key)
            if resource.type in _KEPT_IN:
                yield resource, rule
            onward = (each for each in self._next(resource) if _key(each) not in seen)
            waiting += [(each, rule) for each in sorted(onward, key=_key)]

    def _next(self, resource: Resource) -> Iterator[Resource]:
        yield from self._onward.get(_key(resource), ())
        if resource.type == RULE_TYPE:
            for _, found in self.actions(resource):
                yield from found
        elif resource.type == FUNCTION:
            yield from self._writes.written(resource)
        elif resource.type == DELIVERY:
            for path, text in strings(resource.values):
                if path.endswith(".bucket_arn"):
                    yield from self.stores.found(resource, text)

    def _take_consumers(self, resources: ResourceSet) -> None:
        for type_, (source, target) in _CONSUMERS.items():
            for each in resources.of_type(type_):
                to = self.stores.found(each, each.values.get(target), FUNCTION)
                for found in self.stores.found(each, each.values.get(source)):
                    self._onward[_key(found)] += to
        for each in resources.of_type(DELIVERY):
            for source in blocks(each.values, "kinesis_source_configuration"):
                for found in self.stores.found(each, source.get("kinesis_stream_arn")):
                    self._onward[_key(found)].append(each)


def _key(resource: Resource) -> _Key:
    return resource.stack, resource.address
