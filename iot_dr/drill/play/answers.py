"""Answers of AWS's API that follow the state of a platform, where moto has none."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from environments.settings import Settings
from iot_dr.drill.play.applied import Applied
from iot_dr.drill.play.faults import ApiRequest, Reply
from iot_dr.drill.play.platform import DEVICES, Platform
from iot_dr.observe.switch.metric import Action
from modules.canary import canary_alarm_name
from modules.global_region import GLOBAL_REGION
from modules.monitoring_names import check_name
from stacks.stack_context import stack_context

_USUAL = {"Connect.Success": 7.5, "Connect.AuthError": 0.3, "PublishIn.Success": 6.0 * DEVICES}

OnPut = Callable[[str, str, Action], None]
"""Receives a put of a switch's metric: the region of its alarm, its region and the action."""


@dataclass(frozen=True)
class AwsAnswers:
    """Answers of AWS that follow a platform; everything else is the account's own.

    An answer may be made in another thread than the platform's.
    """

    platform: Platform
    settings: Settings
    applied: Applied
    on_put: OnPut

    def __call__(self, request: ApiRequest) -> Reply | None:
        """Answer a request, for `Faults.answers`."""
        if request.service == "servicequotas":
            return Reply.of_json({"Quota": {"Value": 500.0}})
        if request.service == "monitoring":
            return self._cloudwatch(request)
        return self.applied.check_status(request, self._reports)

    def _reports(self, id_: str) -> Iterator[tuple[str, str]]:
        check = self.platform.checks[id_]
        failure = self.platform.regions[check.region or ""].failure(check)
        for region, is_well in self.platform.reports(id_):
            yield region, "Success" if is_well else failure

    def _cloudwatch(self, request: ApiRequest) -> Reply | None:
        operation = request.headers["X-Amz-Target"].rpartition(".")[2]
        body = json.loads(request.body)
        if operation == "PutMetricData":
            self._put(body, request.region)
        if operation == "GetMetricData":
            return Reply.of_json({"MetricDataResults": [*self._results(body, request.region)]})
        if operation == "DescribeAlarms" and "AlarmNamePrefix" in body:
            alarms = [
                {"AlarmName": name, "StateValue": "ALARM"}
                for name in self.firing(request.region)
                if name.startswith(body["AlarmNamePrefix"]) and body["StateValue"] == "ALARM"
            ]
            return Reply.of_json({"MetricAlarms": alarms})
        return None

    def _put(self, body: dict[str, Any], alarm_region: str) -> None:
        for datum in body["MetricData"]:
            named: dict[str, str] = {each["Name"]: each["Value"] for each in datum["Dimensions"]}
            action: Action = "away" if datum["Value"] else "back"
            self.on_put(alarm_region, named["Region"], action)

    def _results(self, body: dict[str, Any], region: str) -> Iterator[dict[str, Any]]:
        for query in body["MetricDataQueries"]:
            metric, statistic = query["MetricStat"]["Metric"], query["MetricStat"]["Stat"]
            ids = [each["Value"] for each in metric["Dimensions"]]
            if metric["Namespace"] == "AWS/Route53":
                values = self._history(ids[0], statistic)
            else:
                values = self._events(region, metric["MetricName"])
            pairs = sorted(values.items(), reverse=True)
            yield {
                "Id": query["Id"],
                "StatusCode": "Complete",
                "Timestamps": [at for at, _ in pairs],
                "Values": [value for _, value in pairs],
            }

    def _late(self, what: str) -> float:
        return Random(f"{self.platform.seed} late {what}").uniform(0, 60)  # noqa: S311 - no secret

    def _published(self, values: dict[int, float], late: float) -> dict[float, float]:
        """Return values by the times of this machine, of minutes that are published."""
        now, last = int(time.time() // 60), int(self.platform.now // 60)
        return {
            60.0 * (now - last + minute): value
            for minute, value in values.items()
            if 60 * (minute + 1) + late <= self.platform.now and minute > last - 60
        }

    def _events(self, region: str, metric: str) -> dict[float, float]:
        random = Random(f"{self.platform.seed} {region} {metric}")  # noqa: S311 - no secret
        values = dict(self.platform.metrics.values[region, metric])
        usual = _USUAL.get(metric, 0.0)
        is_used = region == self.settings.primary_region
        for minute in range(-60, 0) if is_used and usual else ():
            if count := round(random.gauss(usual, usual**0.5)):
                values[minute] = max(count, 0)
        return self._published(values, self._late(region))

    def _history(self, check_id: str, statistic: str) -> dict[float, float]:
        id_ = self.applied.endpoint_checks[check_id]
        changes = self.platform.health[self.platform.checks[id_].id]
        best = max if statistic == "Maximum" else min
        values = {
            minute: float(best(_statuses(changes, 60.0 * minute)))
            for minute in range(-60, int(self.platform.now // 60))
        }
        return self._published(values, self._late("route53"))

    def firing(self, region: str) -> Iterator[str]:
        """Yield the alarms in ALARM: two minutes of the canary, one of a check, five watched."""
        contexts = {each: stack_context(self.settings, each) for each in self.settings.regions}
        if region == GLOBAL_REGION:
            for id_, check in self.platform.checks.items():
                kind, _, name = id_.partition(" ")
                if self._fails_for(check.id, 60):
                    yield check_name(contexts[name], kind, name)
            return
        deep = self.platform.checks.get(f"deep {region}")
        if deep and self._fails_for(deep.id, 120):
            yield canary_alarm_name(contexts[region], region)
        for place, watcher in enumerate(self.platform.world.watchers):
            id_ = self.platform.checks[self.platform.watched_check(place)].id
            if watcher.region == region and self._fails_for(id_, 300):
                yield contexts[region].name("watcher", 255)

    def _fails_for(self, check_id: str, seconds: float) -> bool:
        since, healthy = self.platform.health[check_id][-1]
        return not healthy and self.platform.now - since > seconds + self._late("alarm")


def _statuses(changes: list[tuple[float, bool]], begin: float) -> list[bool]:
    """Return the statuses of a check during a minute."""
    before = [healthy for at, healthy in changes if at <= begin]
    return [before[-1], *(healthy for at, healthy in changes if begin < at < begin + 60)]
