"""The context that names and tags what a stack holds."""

from dataclasses import replace

from environments.settings import Settings
from modules.context import Context
from stacks.permissions.policy_names import function_boundary_arn


def stack_context(settings: Settings, region: str) -> Context:
    """Give the context of an environment's stacks in a region."""
    context = Context(
        project=settings.project,
        environment=settings.environment,
        region=region,
        extra_tags=settings.tags,
    )
    if settings.pipeline is None:
        return context
    # By its name: IAM has the policy also while home is gone, and with it the state that knows it.
    arn = function_boundary_arn(context, settings.account_id)
    return replace(context, function_boundary_arn=arn)
