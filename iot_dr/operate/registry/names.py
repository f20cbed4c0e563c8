"""Names of the AWS resources that replicate an environment's device registries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from environments.project import settings_file
from environments.regions import nearest
from environments.settings import Settings
from functions.registry.access import Excluded, excluded
from iot_dr.common.plain_text import plain
from iot_dr.common.user_error import UsageError
from modules.context import Context
from modules.device_table_names import registry_table
from stacks.provisioning_names import device_ca_ids, own_policies
from stacks.stack_context import stack_context

_RETRY: Final = "registry-retry"
_QUEUES: Final = (
    *("registry-changes", "registry-shadows", "registry-apply-shadows", _RETRY),
    *("registry-reconcile", "registry-parked"),
)
_FUNCTION: Final = "registry-reconcile"


@dataclass(frozen=True, kw_only=True)
class RegistryNames:
    """Names of table, queues and function, the same in every region.

    `excluded_policies` and `excluded_ca_certificates` are those that each region's stack creates,
    by name and by id. `copy_reported` says whether reported halves of shadows are copied.
    """

    table: str
    queues: tuple[str, ...]
    retry: str
    reconcile: str
    excluded_policies: frozenset[str]
    excluded_ca_certificates: frozenset[str]
    copy_reported: bool

    @property
    def excluded(self) -> Excluded:
        """The entities that are not replicated."""
        return excluded(
            self.excluded_policies,
            self.excluded_ca_certificates,
            reported=not self.copy_reported,
        )

    @classmethod
    def of(cls, settings: Settings) -> "RegistryNames":
        """Return an environment's names.

        Raises UsageError if it does not replicate the registry, and SettingsError if its CA
        certificate's file cannot be read.
        """
        if settings.data is None:
            raise UsageError(
                f"{settings_file(settings.environment)}: data: is missing or null, so the registry"
                " is not replicated: add `data: {}` and deploy"
            )
        context: Context = stack_context(settings, settings.home_region)
        return cls(
            table=registry_table(context),
            queues=tuple(map(context.name, _QUEUES)),
            retry=context.name(_RETRY),
            reconcile=context.name(_FUNCTION),
            excluded_policies=frozenset(own_policies(settings, context)),
            excluded_ca_certificates=frozenset(device_ca_ids(settings)),
            copy_reported=settings.data.copy_reported,
        )


def refuse_foreign(settings: Settings, regions: Sequence[str]) -> None:
    """Raise UsageError for a region of another environment, or one that is named twice."""
    for region in regions:
        if region not in settings.regions:
            hint = nearest(region, settings.regions)
            raise UsageError(
                f"{plain(region)!r} is not a region of {settings.environment};"
                f" {f'{hint} ' if hint else ''}it has {', '.join(settings.regions)}"
            )
        if regions.count(region) > 1:
            raise UsageError(f"{region} is given twice: name two regions of the environment")
