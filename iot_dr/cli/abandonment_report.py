"""The report of `iot-dr state abandon`, as text and as JSON."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from environments.settings import Settings
from iot_dr.cli.text import counted
from iot_dr.common.plain_text import plain
from iot_dr.delivery.state.abandonment import Abandonment
from modules.monitoring_names import deep_check_name
from stacks.stack_context import stack_context


@dataclass(frozen=True)
class AbandonmentReport:
    """What is removed from the states, what is left elsewhere, and what comes next."""

    settings: Settings
    abandonment: Abandonment
    is_done: bool

    def text(self) -> str:
        """Return a line for each resource, and what remains to be done."""
        return "\n".join(self._lines())

    def document(self) -> dict[str, Any]:
        """Return the same as JSON values."""
        return {
            "environment": self.settings.environment,
            "region": self.abandonment.region,
            "is_done": self.is_done,
            "resources": self.abandonment.resources,
            "left": list(self._left()),
        }

    def _lines(self) -> Iterator[str]:
        environment, region = self.settings.environment, self.abandonment.region
        done = "is abandoned" if self.is_done else "would be abandoned"
        yield f"{environment}: {region} {done}; nothing in AWS changes."
        for stack, resources in self.abandonment.resources.items():
            yield f"{stack}: {counted(len(resources), 'resource')} removed from the state"
            yield from (f"  . {address} ({plain(id_)})" for address, id_ in resources.items())
        if not self.abandonment.resources:
            yield f"No global state has a resource in {region}."
        yield "Left outside the region, unused; delete it by hand:"
        yield from (f"  {left}" for left in self._left())
        place = self.abandonment.places[0]
        record = f"s3://{place.bucket}/{place.key}"
        if self.is_done:
            yield f"Recorded in {record}. Now: iot-dr plan --env {environment}, then deploy."
        else:
            yield f"Nothing is removed yet. To remove it, and record it in {record}:"
            yield f"  iot-dr state abandon --region {region} --env {environment} --confirm {region}"

    def _left(self) -> Iterator[str]:
        """Yield the global objects of the region's own stacks, whose state is lost with it."""
        region, settings = self.abandonment.region, self.settings
        former = settings.model_copy(update={"leaving_regions": (region,)})
        yield f"Route 53: the record {former.regional_name(region)}"
        if settings.health.mode == "deep":
            name = deep_check_name(stack_context(settings, settings.home_region), region)
            yield f"Route 53: the health check named {name}"
        yield f"IAM: the roles whose names end in -{region}"
