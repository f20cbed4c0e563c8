"""Warnings about settings that are valid and cost something."""

from environments.loader import mistake_at
from environments.settings import Settings
from iot_dr.cli.text import echo
from iot_dr.forecast.advice import cost_of_ttl


def warn_of_settings(settings: Settings) -> None:
    """Print a warning, with file and line, of a TTL that costs more than it saves."""
    ttl = settings.endpoint.ttl
    if cost := cost_of_ttl(ttl):
        place = mistake_at(settings.environment, ("endpoint", "ttl"), ttl, cost)
        echo(f"warning: {place}", err=True)
