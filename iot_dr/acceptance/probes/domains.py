"""Whether every region has an enabled domain configuration of the device name."""

from collections.abc import Iterator

from iot_dr.acceptance.journal import AcceptanceJournal
from iot_dr.acceptance.probes.probe import RefutedError
from iot_dr.acceptance.step import Evidence
from iot_dr.acceptance.tools import RunTools, VerificationError


def observe(tools: RunTools, _journal: AcceptanceJournal) -> Evidence:
    """Read the domain configurations of a deployed environment; it creates nothing."""
    own = tools.settings
    states = {region: [*_states(tools, region)] for region in own.regions}
    if not any(states.values()):
        raise VerificationError(f"no region has a domain configuration of {own.device_name}")
    if wrong := [
        f"{region}: {each or 'none'}" for region, each in states.items() if each != ["ENABLED"]
    ]:
        raise RefutedError(f"{own.device_name}: {'; '.join(wrong)}")
    return dict.fromkeys(states, "ENABLED")


def _states(tools: RunTools, region: str) -> Iterator[str]:
    more: dict[str, str] = {}
    while True:
        page = tools.clients.call("iot", region, "list_domain_configurations", **more)
        for listed in page["domainConfigurations"]:
            described = tools.clients.call(
                "iot",
                region,
                "describe_domain_configuration",
                domainConfigurationName=listed["domainConfigurationName"],
            )
            if described.get("domainName") == tools.settings.device_name:
                yield described["domainConfigurationStatus"]
        if not page.get("nextMarker"):
            return
        more = {"marker": page["nextMarker"]}
