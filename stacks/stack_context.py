"""The context of a stack's names and tags."""

from dataclasses import replace

from environments.settings import Settings
from modules.context import Context
from stacks.policy_names import function_boundary_arn


def stack_context(settings: Settings, region: str) -> Context:
    """Return the context of an environment's stacks in a region."""
    policy = settings.existing.device_policy if settings.existing else None
    reserved = settings.reserved_concurrency
    context = Context(
        project=settings.project,
        environment=settings.environment,
        region=region,
        extra_tags=settings.tags,
        device_policy=policy.name if policy else None,
        reserved_concurrency=None if reserved is None else {**reserved},
    )
    if settings.pipeline is None:
        return context
    # Derived from its name, since the state with the ARN is unavailable while the home region is.
    arn = function_boundary_arn(context, settings.account_id)
    return replace(context, function_boundary_arn=arn)
