"""Route 53, as documented, over the synthesized JSON of an environment.

It reads nothing but the JSON, and shares no code with `iot_dr.route53`. Sources, below
docs.aws.amazon.com/Route53/latest/DeveloperGuide: health-checks-how-route-53-chooses-records.html,
dns-failover-complex-configs.html, dns-failover-determining-health-of-endpoints.html.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from iot_dr.drill.play.references import Found, LinkedStacks, Stack

Pair = dict[str, list[Found]]


@dataclass(frozen=True)
class Leaf:
    """A check that is not calculated: its type, and the region that it checks."""

    type: str
    region: str


class Route53:
    """The failover records of all stacks and the checks that they use."""

    def __init__(self, stacks: Mapping[str, Stack]) -> None:
        self._stacks = LinkedStacks(stacks)
        self.pairs: dict[str, Pair] = defaultdict(lambda: defaultdict(list))
        for stack in stacks.values():
            for record in stack.resources("aws_route53_record").values():
                if policy := record.get("failover_routing_policy"):
                    result = Found(stack, "aws_route53_record", record)
                    self.pairs[record["name"]][policy["type"]].append(result)

    def answer(self, name: str, healthy: Callable[[Leaf], bool]) -> str:
        """Return the region that a name resolves to for these states of the leaf checks."""
        primary, secondary = (self._record(name, side) for side in ("PRIMARY", "SECONDARY"))
        is_secondary = not self._healthy(primary, healthy) and self._healthy(secondary, healthy)
        chosen = secondary if is_secondary else primary
        if alias := chosen.body.get("alias"):
            return self.answer(alias["name"], healthy)
        (value,) = chosen.body["records"]
        return self._region_of_name(chosen.stack, value)

    def leaves(self) -> set[Leaf]:
        """Return every leaf check that a failover record uses, directly or through others."""
        asked: set[Leaf] = set()

        def note(leaf: Leaf) -> bool:
            asked.add(leaf)
            return True

        for pair in self.pairs.values():
            for record in (record for records in pair.values() for record in records):
                self._healthy(record, note)
        return asked

    def leaf(self, stack: Stack, check_id: str) -> Leaf:
        """Return the leaf check that an expression in a stack refers to."""
        check = self._stacks.follow(stack, check_id)
        return Leaf(check.body["type"], self._asks_about(check))

    def _record(self, name: str, side: str) -> Found:
        (record,) = self.pairs[name][side]
        return record

    def _healthy(self, record: Found, healthy: Callable[[Leaf], bool]) -> bool:
        """Whether a record is healthy; without a check or an evaluated target it always is."""
        check_id, alias = record.body.get("health_check_id"), record.body.get("alias")
        passes = check_id is None or self._passes(record.stack, check_id, healthy)
        if alias and alias["evaluate_target_health"]:
            target = [each for side in self.pairs[alias["name"]].values() for each in side]
            return passes and any(self._healthy(each, healthy) for each in target)
        return passes

    def _passes(self, stack: Stack, check_id: str, healthy: Callable[[Leaf], bool]) -> bool:
        check = self._stacks.follow(stack, check_id)
        assert check.type == "aws_route53_health_check"
        if check.body.get("disabled"):
            return True
        if check.body["type"] == "CALCULATED":
            children = check.body["child_healthchecks"]
            passing = sum(self._passes(check.stack, child, healthy) for child in children)
            said = passing >= check.body["child_health_threshold"]
        else:
            said = healthy(Leaf(check.body["type"], self._asks_about(check)))
        return said != check.body.get("invert_healthcheck", False)

    def _asks_about(self, check: Found) -> str:
        asks: dict[str, Callable[[Found], str]] = {
            "TCP": self._region_of_connect,
            "HTTPS": lambda found: self._stacks.follow(found.stack, found.body["fqdn"]).region,
            "CLOUDWATCH_METRIC": self._region_of_switch,
        }
        return asks[check.body["type"]](check)

    def _region_of_connect(self, check: Found) -> str:
        assert check.body["port"] == 8883
        return self._region_of_name(check.stack, check.body["fqdn"])

    def _region_of_switch(self, check: Found) -> str:
        alarm = self._stacks.follow(check.stack, check.body["cloudwatch_alarm_name"])
        dimensions: dict[str, Any] = alarm.body["dimensions"]
        assert check.body["cloudwatch_alarm_region"] == alarm.region != dimensions["Region"]
        return dimensions["Region"]

    def _region_of_name(self, stack: Stack, name: str) -> str:
        """Follow a regional name to its record, and that to the endpoint of its region."""
        record = self._stacks.follow(stack, name)
        assert record.type == "aws_route53_record"
        (value,) = record.body["records"]
        endpoint = self._stacks.follow(record.stack, value)
        assert endpoint.type == "aws_iot_endpoint"
        return endpoint.region
