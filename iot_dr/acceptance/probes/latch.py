"""An alarm like a switch's that gets no data for a day or longer."""

from collections.abc import Iterator
from typing import Any, Final

from iot_dr.acceptance.journal import AcceptanceJournal
from iot_dr.acceptance.probes.probe import RefutedError, probe_name, remove_resource
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.steps import pause
from iot_dr.acceptance.tools import RunTools
from modules.switch_metric import SWITCH_ALARM

MINUTES: Final = 24 * 60.0
"""How long it waits; a run that is continued later observes the whole time since."""

_SET_WITHIN: Final = 5.0
_METRIC: Final = "Probe"


def observe(tools: RunTools, journal: AcceptanceJournal) -> Evidence:
    """Set the alarm, wait without data, and read its state.

    After Ctrl-C the alarm stays, and the next run continues with the rest of the wait.
    """
    try:
        evidence = _observed(tools, journal)
    except Exception:
        remove(tools)
        raise
    remove(tools)
    return evidence


def _observed(tools: RunTools, journal: AcceptanceJournal) -> Evidence:
    attempt = journal.attempts[-1]
    if attempt.began == attempt.since or _state(tools) is None:
        attempt.since = attempt.began
        _set(tools)
    waited = pause(MINUTES, tools, journal)
    if (state := _state(tools)) != "ALARM":
        raise RefutedError(f"without data the alarm is {state} after {waited['waited']}")
    return {"state": "ALARM", **waited}


def _set(tools: RunTools) -> None:
    remove(tools)
    arguments = {_camel(name): value for name, value in SWITCH_ALARM.items()}
    named = {"Namespace": probe_name(tools), "MetricName": _METRIC}
    _call(tools, "put_metric_alarm", AlarmName=probe_name(tools), **named, **arguments)
    datum = {"MetricName": _METRIC, "Value": 1.0}
    _call(tools, "put_metric_data", Namespace=probe_name(tools), MetricData=[datum])
    tools.wait(lambda: "" if _state(tools) == "ALARM" else "the alarm is not set", _SET_WITHIN)


def _state(tools: RunTools) -> str | None:
    alarms = _call(tools, "describe_alarms", AlarmNames=[probe_name(tools)])["MetricAlarms"]
    return alarms[0]["StateValue"] if alarms else None


def remove(tools: RunTools) -> None:
    """Delete the alarm."""
    arguments = {"AlarmNames": [probe_name(tools)]}
    remove_resource(tools, "cloudwatch", _region(tools), "delete_alarms", **arguments)


def removal_commands(tools: RunTools) -> Iterator[str]:
    """Yield the AWS CLI command that deletes the alarm of an interrupted run."""
    yield (
        f"aws cloudwatch delete-alarms --region {_region(tools)} --alarm-names {probe_name(tools)}"
    )


def _call(tools: RunTools, method: str, **arguments: object) -> dict[str, Any]:
    return tools.clients.call("cloudwatch", _region(tools), method, **arguments)


def _region(tools: RunTools) -> str:
    return tools.settings.standbys[0]


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))
