"""The settings of an environment, and the names that are derived from them."""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import PrivateAttr

from environments.blocks import Endpoint, Health, Recovery, State, Suppression, TlsPolicy
from environments.data import Data
from environments.document import Steps
from environments.own_stacks import DeclaredStacks
from environments.pipeline import Pipeline
from environments.settings_fields import SettingsFields
from environments.zone import CreatedZone, ExistingZone, LookedUpZone
from functions.contract import switch_alarm_regions

__all__ = [
    "CreatedZone",
    "Data",
    "Endpoint",
    "ExistingZone",
    "Health",
    "LookedUpZone",
    "Pipeline",
    "Recovery",
    "Settings",
    "State",
    "Suppression",
    "TlsPolicy",
]


class Settings(SettingsFields):
    """The settings of an environment, and the names that are derived from them."""

    # Not a field: it is code that the project names, and never in the environment's file.
    _declared_stacks: DeclaredStacks = PrivateAttr(default=DeclaredStacks())
    _lines: Mapping[Steps, int] = PrivateAttr(default_factory=dict[Steps, int])

    @property
    def lines(self) -> Mapping[Steps, int]:
        """The lines of modules in the environment's file, for errors; empty without a file."""
        return self._lines

    def with_lines(self, lines: Mapping[Steps, int]) -> Self:
        """Return the same settings with the lines of the file that they are from."""
        settings = self.model_copy()
        settings._lines = lines  # noqa: SLF001 - a copy of its own
        return settings

    @property
    def declared_stacks(self) -> DeclaredStacks:
        """The project's own stacks in addition to the platform's."""
        return self._declared_stacks

    @property
    def has_own_stacks(self) -> bool:
        """Whether the project adds stacks to the platform's, by classes or modules."""
        return bool(self._declared_stacks or self.modules)

    def with_declared_stacks(self, declared: DeclaredStacks) -> Self:
        """Return the same settings with other own stacks."""
        settings = self.model_copy()
        settings._declared_stacks = declared  # noqa: SLF001 - a copy of its own
        return settings

    @property
    def zone_name(self) -> str:
        """The environment's DNS zone, such as `iot-dev.example.com`."""
        if isinstance(self.zone, ExistingZone) and self.zone.name:
            return self.zone.name
        return f"iot-{self.environment}.{self.domain}"

    @property
    def endpoint_domain(self) -> str:
        """The domain of the device name and the regional names: the zone's or `zone.subdomain`."""
        subdomain = self.zone.subdomain if isinstance(self.zone, ExistingZone) else None
        return subdomain or self.zone_name

    @property
    def device_name(self) -> str:
        """The one name that devices connect to, such as `mqtt.iot-dev.example.com`."""
        return f"{self.endpoint.label}.{self.endpoint_domain}"

    def is_certificate_in_zone(self, region: str) -> bool:
        """Whether the zone's stack has the certificate of a region, and not the region's own."""
        return region == self.home_region and self.certificate_region is None

    @property
    def is_validated_elsewhere(self) -> bool:
        """Whether the zone has the validation record already, which its owner keeps."""
        return self.existing is not None and self.existing.validation_record

    @property
    def after_cut_over(self) -> Self:
        """The same settings with failover records of the device name (`existing.cut_over`)."""
        if self.existing is None:
            return self
        existing = self.existing.model_copy(update={"cut_over": True})
        return self.model_copy(update={"existing": existing})

    @property
    def failover_order(self) -> tuple[str, ...]:
        """The regions in the order of failover: the primary, then the others as in the file."""
        return (self.primary_region, *self.standbys)

    @property
    def standbys(self) -> tuple[str, ...]:
        """The regions that are not the primary, in the file's order."""
        return tuple(region for region in self.regions if region != self.primary_region)

    def alarm_regions(self, region: str) -> tuple[str, ...]:
        """Return the regions that host the switch of `region`: see `switch_alarm_regions`.

        They do not depend on which region is primary. Raises ValueError for a region of another
        environment.
        """
        return switch_alarm_regions(self.regions, self._own(region))

    def regional_name(self, region: str) -> str:
        """Return the DNS name of `region` alone; raises ValueError if it has none.

        A region that is leaving has one until its stack is destroyed.
        """
        return f"{self.endpoint.label}-{self._own_or_leaving(region)}.{self.endpoint_domain}"

    def role(self, region: str) -> Literal["primary", "standby"]:
        """Return the current role of `region`; raises ValueError for an unknown region."""
        return "primary" if self._own(region) == self.primary_region else "standby"

    @property
    def state_buckets(self) -> dict[str, str]:
        """The state buckets keyed by region; regions that are leaving come last."""
        return {
            region: self.state_bucket(region) for region in (*self.regions, *self.leaving_regions)
        }

    def state_bucket(self, region: str) -> str:
        """Return the bucket of the states of `region`; raises ValueError if it has none.

        A region that is leaving has one too.
        """
        own = self._own_or_leaving(region)
        return f"{self.state.bucket_prefix}-{self.environment}-{own}"

    def _own_or_leaving(self, region: str) -> str:
        return region if region in self.leaving_regions else self._own(region)

    def _own(self, region: str) -> str:
        if region not in self.regions:
            raise ValueError(
                f"{region!r} is not a region of {self.environment}; expected"
                f" {' or '.join(self.regions)}"
            )
        return region
