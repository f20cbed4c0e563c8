"""Whether a region has ever been healthy, recorded as a CloudWatch metric in another region."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from functions.aws_client import CALL_SECONDS
from functions.contract import SEEN_HEALTHY, healthy_dimensions, switch_namespace
from functions.probe.aws_error import class_and_code
from functions.probe.metrics import Metrics
from functions.probe.result import Outcome, Result
from functions.watcher.cloudwatch import CloudWatchClient, client
from functions.watcher.switch import PUT_SECONDS

# CloudWatch keeps hourly data points for 455 days, and those older than 63 days can only be read
# with a period that is a multiple of an hour:
# docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
_RETENTION = timedelta(days=455)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WatchedRegion:
    """A region, its regional name, and the id of its TCP health check.

    Route 53 generates the id, so an environment that was destroyed and deployed again starts
    without a history.
    """

    region: str
    name: str
    check_id: str


@dataclass(kw_only=True)
class History:
    """Records in CloudWatch that a region was seen healthy, and looks it up.

    The metric of a region is in its switch's alarm region: the first other region in `regions` (the
    order of the settings). A change of primary moves no metric, and standbys are
    recorded too, so that a new primary has a history from its first minute on. `primary` is the
    watched region; `probes` maps regions to their probes. This instance records each region once.
    """

    environment: str
    primary: str
    regions: Sequence[WatchedRegion]
    probes: Mapping[str, Callable[[], Result]]
    metrics: Metrics
    client: Callable[[str], CloudWatchClient] = client
    _recorded: set[str] = field(default_factory=set[str])

    def record(self, seconds_left: Callable[[], float], probe_seconds: float) -> None:
        """Record the primary, which the caller has just seen healthy, and the healthy standbys.

        A region with a probe is probed first, for at most `probe_seconds`. A failure is counted as
        `unrecorded`. Regions for which too little time is left, and failures, are tried again at
        the next call.
        """
        for region in self.regions:
            if region.region in self._recorded:
                continue
            if seconds_left() < probe_seconds + CALL_SECONDS:
                return
            probe = self.probes.get(region.region)
            if probe().outcome is Outcome.OK if probe else region.region == self.primary:
                self._record(region)

    def is_new(self, seconds_left: Callable[[], float]) -> bool:
        """Whether no region has a record of the primary.

        False if the first alarm region does not answer: an operator can revert a switch that was
        put without need, while a missing one lets devices return to a region that is half dead. Any
        other region that does not answer counts as one without a record.
        """
        if self.primary in self._recorded:
            return False
        (primary,) = [each for each in self.regions if each.region == self.primary]
        alarm_regions = [each.region for each in self.regions if each is not primary]
        # The first alarm region has the switch and with it the record, unless the order has
        # changed.
        for index, alarm_region in enumerate(alarm_regions):
            has_record = self._has_record(primary, alarm_region, seconds_left)
            if has_record or (has_record is None and index == 0):
                return False
        return True

    def _record(self, region: WatchedRegion) -> None:
        alarm_region = next(each.region for each in self.regions if each is not region)
        dimensions = self._dimensions(region)
        data_point = {"MetricName": SEEN_HEALTHY, "Dimensions": dimensions, "Value": 1.0}
        try:
            self.client(alarm_region).put_metric_data(
                Namespace=self._namespace, MetricData=[data_point]
            )
        except Exception as error:  # noqa: BLE001 - the record is not worth failing the watch
            self.metrics.count("unrecorded", cause=class_and_code(error))
        else:
            self._recorded.add(region.region)

    def _has_record(
        self, region: WatchedRegion, alarm_region: str, seconds_left: Callable[[], float]
    ) -> bool | None:
        """Look up a record; None, counted as `unread`, if that fails or too little time is left."""
        try:
            if seconds_left() < CALL_SECONDS + PUT_SECONDS:
                raise TimeoutError
            return self._lookup(region, alarm_region)
        except Exception as error:  # noqa: BLE001 - any failure means that nothing is known
            self.metrics.count("unread", cause=class_and_code(error))
            return None

    def _lookup(self, region: WatchedRegion, alarm_region: str) -> bool:
        now = datetime.now(UTC)
        response = self.client(alarm_region).get_metric_statistics(
            Namespace=self._namespace,
            MetricName=SEEN_HEALTHY,
            Dimensions=self._dimensions(region),
            StartTime=now - _RETENTION,
            # EndTime is exclusive, and the clock of CloudWatch may be ahead of this one.
            EndTime=now + _DAY,
            Period=round(_DAY.total_seconds()),
            Statistics=["SampleCount"],
        )
        return bool(response["Datapoints"])

    @property
    def _namespace(self) -> str:
        # The only namespace for which the function's role has cloudwatch:PutMetricData.
        return switch_namespace(self.environment)

    def _dimensions(self, region: WatchedRegion) -> list[dict[str, Any]]:
        values = healthy_dimensions(self.environment, region.region, region.check_id)
        return [{"Name": name, "Value": value} for name, value in values.items()]
