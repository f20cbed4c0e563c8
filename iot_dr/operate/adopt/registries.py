"""Whether every region admits the devices of the old one, as far as its registry says."""

from collections.abc import Iterator
from typing import Final

from environments.settings import Settings
from iot_dr.common.user_error import UserError
from iot_dr.operate.registry.diff import ADMITTING, DiffResult, compare
from iot_dr.operate.registry.ledger import ledger
from iot_dr.operate.registry.region_reader import OnPage
from iot_dr.operate.registry.sites import RegistryClients

# A fleet of 100,000 devices changes during the hours of a reading; as many take some minutes.
_READ_AGAIN: Final = 500


def against_unregistered(settings: Settings) -> Iterator[str]:
    """Yield the reason against a cut-over whose devices this project does not register."""
    if settings.data is None:
        yield (
            f"{settings.environment} has no block data, so it is not known whether the devices are"
            f" registered in {', '.join(settings.standbys)}; a region refuses those that are not."
            " Make sure that something else has registered things, certificates and policies there"
        )


def against_registries(sites: RegistryClients, on_page: OnPage) -> Iterator[str]:
    """Compare the primary with each standby; yield where what admits a device differs.

    Takes as long as `iot-dr registry diff`: hours for a large fleet.
    """
    settings = sites.settings
    first = settings.primary_region
    # In one ledger, so that the primary is read once.
    with ledger(None, {}) as book:
        for region in settings.standbys:
            try:
                regions = (first, region)
                result = compare(sites, regions, book, on_page, kinds=ADMITTING, most=_READ_AGAIN)
            except UserError as error:
                yield f"the registries of {first} and {region} cannot be compared: {error}"
                continue
            count = result.differing - result.equal_by_now
            if count:
                yield _different(result, count, settings.environment)


def _different(result: DiffResult, count: int, environment: str) -> str:
    first, second = result.regions
    return (
        f"{count} things, certificates, policies or groups differ between {first} and {second},"
        f" which may refuse devices: `iot-dr registry diff {first} {second} --env {environment}`"
        f" lists them, `iot-dr registry sync --env {environment}` copies them now"
    )
