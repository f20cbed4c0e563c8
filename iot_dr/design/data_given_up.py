"""The queues of device data that could not be passed on, which keep it for people."""

from collections.abc import Iterator
from typing import Final

from functions.contract import RegistryVariable, TelemetryVariable
from iot_dr.design.data_capture import is_refused_to_send, sender_links
from iot_dr.design.data_declared import MAPPING, Package
from iot_dr.design.data_functions import STANDARD, DataFunctions
from iot_dr.design.data_links import (
    QUEUE,
    DataStore,
    Link,
    argument_links,
    at,
    call_context,
    place_of,
    refused_calls,
)
from iot_dr.design.functions import variables_of
from iot_dr.design.permissions import grants
from iot_dr.design.topic_rules import RULE
from iot_dr.terraform_json.block import block, blocks
from iot_dr.terraform_json.json_value import Json, json_in, mapping
from iot_dr.terraform_json.resource import Resource

_KEPT_BY: Final = (RegistryVariable.DEAD_LETTER_QUEUE, TelemetryVariable.FAILED_QUEUE)


class GivenUp:
    """Where the resources of an environment's data stacks send what they cannot pass on.

    docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html,
    docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html,
    docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html,
    docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html.
    """

    def __init__(self, functions: DataFunctions) -> None:
        self._functions, self._resources = functions, functions.resources
        self._read = functions.read()

    def links(self, region: str) -> Iterator[Link]:
        """Yield why what a region gives up is not kept."""
        functions, stacks = self._functions, self._functions.stacks(region)
        for rule in self._of(RULE, stacks):
            for action in blocks(block(rule.values, "error_action") or {}, "sqs") or ({},):
                place = self._place(rule, action.get("queue_url"))
                calls = [("sqs:SendMessage", place.arn(QUEUE))] if place else []
                yield from self._kept(rule, place)
                yield from sender_links(functions, rule, action, calls)
        for target in self._of("aws_cloudwatch_event_target", stacks):
            if self._place(target, target.values.get("arn")) in functions.queues:
                letters = block(target.values, "dead_letter_config") or {}
                place = self._place(target, letters.get("arn"))
                yield from self._kept(target, place)
                if place and is_refused_to_send(functions, place, target):
                    yield Link(f"the policy of {place.name} does not let {target.address} send")
        for mapping_ in self._of(MAPPING, stacks):
            yield from self._of_mapping(mapping_)
        for package in Package:
            for function in functions.of(package, region):
                for name in filter(variables_of(function).get, _KEPT_BY):
                    yield from self._kept(function, functions.place(function, name))

    def _of_mapping(self, mapping_: Resource) -> Iterator[Link]:
        value = mapping_.values.get("event_source_arn")
        queue = self._functions.queues.get(self._place(mapping_, value) or DataStore(None, ""))
        if queue:
            letters = mapping(json_in(queue.values.get("redrive_policy")))
            yield from self._kept(queue, self._place(queue, letters.get("deadLetterTargetArn")))
            return
        failed = block(block(mapping_.values, "destination_config") or {}, "on_failure") or {}
        place = self._place(mapping_, failed.get("destination_arn"))
        yield from self._kept(mapping_, place)
        function = self._resources.referenced(
            mapping_, mapping_.values.get("function_name"), "aws_lambda_function"
        )
        if function and place:
            calls = [("sqs:SendMessage", place.arn(QUEUE))]
            context = call_context(function, self._functions.environment.account)
            for action in refused_calls(grants(self._resources, function), context, calls):
                yield at(mapping_, f"may not do {action}")

    def _of(self, type_: str, stacks: set[str]) -> Iterator[Resource]:
        return (each for each in self._resources.of_type(type_) if each.stack in stacks)

    def _place(self, owner: Resource, value: Json) -> DataStore | None:
        return place_of(self._resources, owner, value, QUEUE) if value else None

    def _kept(self, owner: Resource, place: DataStore | None) -> Iterator[Link]:
        queue = self._functions.queues.get(place) if place else None
        if queue is None:
            yield at(owner, "sends what it gives up to no declared queue")
        elif place in self._read:
            problem = f"sends what it gives up to {queue.address}, which a function reads"
            yield at(owner, problem)
        elif queue.region == owner.region:
            yield from argument_links(self._resources, queue, STANDARD)
        else:
            yield at(owner, f"sends what it gives up to {queue.region}")
