"""An environment with pipelines as IAM sees it, from its settings."""

from typing import Final

from environments.settings import CreatedZone, ExistingZone, Settings
from modules.artifact_bucket import artifact_bucket_name
from modules.context import Context
from stacks.graph import What
from stacks.platform_graph import regional_kinds, stack_name
from stacks.rights.estate import Estate

_GLOBAL_STACKS: Final[tuple[What, ...]] = ("state", "hosted-zone", "entry-point")


def pipeline_estate(settings: Settings, context: Context) -> Estate:
    """Give an environment as IAM sees it; raises ValueError for one without a pipeline."""
    pipeline = settings.pipeline
    if pipeline is None:
        message = f"{settings.environment} has no pipeline block, and so no roles of a pipeline"
        raise ValueError(message)
    environment, zone = settings.environment, settings.zone
    provisioning = settings.data.provisioning if settings.data else None
    return Estate(
        context=context,
        account_id=settings.account_id,
        home=settings.home_region,
        buckets=settings.state_buckets,
        bucket_prefix=f"{settings.state.bucket_prefix}-{environment}-",
        pipelines={
            region: artifact_bucket_name(settings.state_bucket(region))
            for region in pipeline.connections
        },
        connection_arns=tuple(pipeline.connections.values()),
        stacks={what: stack_name(environment, what) for what in _global_stacks(settings)},
        regional_stacks={
            region: stack_name(environment, "iot", region) for region in settings.state_buckets
        },
        pipeline_stacks={
            region: stack_name(environment, "pipeline", region) for region in pipeline.connections
        },
        zone_name=settings.zone_name,
        label=settings.endpoint.label,
        zone_id=zone.id if isinstance(zone, ExistingZone) else "*",
        parent_zone_id=_parent(zone),
        data_stacks={
            what: {
                region: stack_name(environment, what, region) for region in settings.state_buckets
            }
            for what in regional_kinds(settings)
            if what != "iot"
        },
        provisioning=provisioning.by if provisioning else None,
    )


def _global_stacks(settings: Settings) -> tuple[What, ...]:
    return (*_GLOBAL_STACKS, "data") if settings.data else _GLOBAL_STACKS


def _parent(zone: CreatedZone | ExistingZone) -> str | None:
    if isinstance(zone, ExistingZone) or zone.delegation == "manual":
        return None
    return zone.delegation
