"""CloudWatch metrics in the embedded metric format, written to the function's log."""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from functions.probe.result import Result


def _print(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()


@dataclass(frozen=True)
class Metrics:
    """Writes metrics of one namespace, with the dimension `Environment`, as single lines of JSON.

    docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    """

    namespace: str
    environment: str
    write: Callable[[str], None] = _print
    wall_clock: Callable[[], float] = time.time

    def probe(self, result: Result, values: Mapping[str, int] | None = None) -> None:
        """Count a probe by its outcome, with further `values` in the same line."""
        self.count(result.outcome, values, result.cause)

    def count(self, outcome: str, values: Mapping[str, int] | None = None, cause: str = "") -> None:
        """Write `Probes` = 1 with the dimension `Outcome`, and `values` without it.

        `cause` is a field of the line, not a metric.
        """
        fields = {"Outcome": outcome, "Probes": 1, **({"cause": cause} if cause else {})}
        counted = self._directive(["Environment", "Outcome"], ["Probes"])
        self._line([counted, *self._without_outcome(values or {})], {**fields, **(values or {})})

    def put(
        self,
        values: Mapping[str, int],
        *,
        unit: str = "Count",
        cause: str = "",
        by: Mapping[str, str] | None = None,
    ) -> None:
        """Write values by metric name, all in one CloudWatch unit.

        `cause` is a field of the line, not a metric. Values are also written with the dimensions
        `by`, if there are any.
        """
        fields = {**values, **({"cause": cause} if cause else {}), **(by or {})}
        more = [self._directive(["Environment", *by], list(values), unit)] if by else []
        self._line([*self._without_outcome(values, unit), *more], fields)

    def _without_outcome(
        self, values: Mapping[str, int], unit: str = "Count"
    ) -> list[dict[str, object]]:
        return [self._directive(["Environment"], list(values), unit)] if values else []

    def _directive(
        self, dimensions: list[str], names: list[str], unit: str = "Count"
    ) -> dict[str, object]:
        metrics = [{"Name": name, "Unit": unit} for name in names]
        return {"Namespace": self.namespace, "Dimensions": [dimensions], "Metrics": metrics}

    def _line(self, directives: list[dict[str, object]], fields: Mapping[str, object]) -> None:
        now = int(self.wall_clock() * 1000)
        head = {"Timestamp": now, "CloudWatchMetrics": directives}
        self.write(json.dumps({"_aws": head, "Environment": self.environment, **fields}) + "\n")
