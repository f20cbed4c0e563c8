"""The names of health checks, alarms and alarm topics, for callers that do not create them."""

from modules.context import Context
from modules.name_limits import ALARM_NAME_LIMIT, CHECK_NAME_LIMIT, TOPIC_NAME_LIMIT


def check_name(context: Context, what: str, region: str) -> str:
    """Return the name of a region's health check, and of its alarm in `GLOBAL_REGION`."""
    return context.name(f"{what}-{region}", CHECK_NAME_LIMIT)


def deep_check_name(context: Context, region: str) -> str:
    """Return the name of the health check that requests a region's health API."""
    return check_name(context, "deep", region)


def canary_alarm_name(context: Context, region: str) -> str:
    """Return the name of a region's canary alarm, for callers in other regions too."""
    return context.name(f"canary-{region}", ALARM_NAME_LIMIT)


def region_topic_name(context: Context) -> str:
    """Return the name of the topic of a region's alarms, the same in every region."""
    return context.name("alarms", TOPIC_NAME_LIMIT)


def region_topic_arn(context: Context, account_id: str) -> str:
    """Return the ARN of the topic of a region's alarms, for stacks that do not create it."""
    return f"arn:aws:sns:{context.region}:{account_id}:{region_topic_name(context)}"


def checks_topic_name(context: Context) -> str:
    """Return the name of the topic of health checks' alarms, which is in `GLOBAL_REGION`."""
    return context.name("health-checks", TOPIC_NAME_LIMIT)
