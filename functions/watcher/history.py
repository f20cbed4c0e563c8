"""Whether a region has ever served, kept as a metric in another region."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.probe.aws_error import class_and_code
from functions.probe.metrics import Metrics
from functions.probe.result import Outcome, Result
from functions.watcher.cloudwatch import CALL_SECONDS, CloudWatch, client
from functions.watcher.switch import PUT_SECONDS

_METRIC = "SeenHealthy"
# CloudWatch keeps the hours of a metric for 455 days, and answers by the hour beyond 63 of them:
# docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
_KEPT = timedelta(days=455)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WatchedRegion:
    """A region, its regional name, and the id of its TCP health check.

    Route 53 makes the id up, so that an environment that was destroyed and deployed again begins
    without a history.
    """

    region: str
    name: str
    check_id: str


@dataclass(kw_only=True)
class History:
    """Records in CloudWatch that a region was seen healthy, and looks it up.

    The metric of a region stands where its switch does, in the first of `regions` (the order of the
    settings) that is another one. A change of primary moves no metric, and standbys are recorded
    too, so that the new primary has a history from its first minute on. `probes` holds the probes
    of the standbys by region. A region that was recorded is not recorded again by this instance.
    """

    environment: str
    primary: str
    regions: Sequence[WatchedRegion]
    probes: Mapping[str, Callable[[], Result]]
    metrics: Metrics
    client: Callable[[str], CloudWatch] = client
    _recorded: set[str] = field(default_factory=set[str])

    def record(self, seconds_left: Callable[[], float], probe_seconds: float) -> None:
        """Record the primary, which the caller has just seen healthy, and the healthy standbys.

        A standby is probed first, for at most `probe_seconds`. What fails is counted as
        `unrecorded`, and tried again at the next call.
        """
        for region in self.regions:
            if region.region in self._recorded:
                continue
            if seconds_left() < probe_seconds + CALL_SECONDS:
                return
            probe = self.probes.get(region.region)
            if region.region == self.primary or (probe and probe().outcome is Outcome.OK):
                self._record(region)

    def is_new(self, seconds_left: Callable[[], float]) -> bool:
        """Return whether no region has a record of the primary.

        False when the region of its switch cannot be asked: a switch that was put without need is
        put back by an operator, while one that is missing lets devices return to a region that is
        half dead. Another one that cannot be asked has no record.
        """
        if self.primary in self._recorded:
            return False
        (primary,) = [each for each in self.regions if each.region == self.primary]
        keepers = [each.region for each in self.regions if each is not primary]
        # The first one keeps the switch, and with it the record, unless the order has changed.
        for place, keeper in enumerate(keepers):
            found = self._has_record(primary, keeper, seconds_left)
            if found or (found is None and place == 0):
                return False
        return True

    def _record(self, region: WatchedRegion) -> None:
        keeper = next(each.region for each in self.regions if each is not region)
        point = {"MetricName": _METRIC, "Dimensions": self._dimensions(region), "Value": 1.0}
        try:
            self.client(keeper).put_metric_data(Namespace=self._namespace, MetricData=[point])
        except Exception as error:  # noqa: BLE001 - the watch went well without it
            self.metrics.count("unrecorded", cause=class_and_code(error))
        else:
            self._recorded.add(region.region)

    def _has_record(
        self, region: WatchedRegion, keeper: str, seconds_left: Callable[[], float]
    ) -> bool | None:
        """Look up a record; None, counted as `unread`, when that fails or there is no time."""
        try:
            if seconds_left() < CALL_SECONDS + PUT_SECONDS:
                raise TimeoutError
            return self._looked_up(region, keeper)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is known
            self.metrics.count("unread", cause=class_and_code(error))
            return None

    def _looked_up(self, region: WatchedRegion, keeper: str) -> bool:
        now = datetime.now(UTC)
        found = self.client(keeper).get_metric_statistics(
            Namespace=self._namespace,
            MetricName=_METRIC,
            Dimensions=self._dimensions(region),
            StartTime=now - _KEPT,
            # Exclusive, and a clock of AWS may be ahead of this one.
            EndTime=now + _DAY,
            Period=round(_DAY.total_seconds()),
            Statistics=["SampleCount"],
        )
        return bool(found["Datapoints"])

    @property
    def _namespace(self) -> str:
        # The one that the function may put metrics to.
        return f"IotDr/Switch/{self.environment}"

    def _dimensions(self, region: WatchedRegion) -> list[dict[str, Any]]:
        values = {
            "Environment": self.environment,
            "Region": region.region,
            "HealthCheckId": region.check_id,
        }
        return [{"Name": name, "Value": value} for name, value in values.items()]
