"""Permissions on Terraform's states and on what lies beside them."""

from collections.abc import Iterable, Iterator

from stacks.graph import StackNode
from stacks.permissions.environment import Environment
from stacks.permissions.grant import Grant
from stacks.platform_graph import stack_name

_READ, _LIST = ("s3:GetObject",), ("s3:ListBucket",)
_KEEP = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")


def finding(environment: Environment) -> Iterator[Grant]:
    """What every run asks first: are there states, whose are they, and is a region being changed?

    Without the permission to list a bucket S3 answers for a missing object that it is forbidden
    (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). A region reads the primary from
    the entry point's state, and the zone from its own.
    """
    own = _own_account(environment)
    yield Grant(_LIST, (_bucket_arn(environment.any_state_bucket),), own)
    name = environment.settings.environment
    names = (
        f"{stack_name(name, 'state')}.tfstate",
        f"{stack_name(name, 'hosted-zone')}.tfstate",
        f"{stack_name(name, 'entry-point')}.tfstate",
        *("promoted.json", "*.turn", "*.tflock"),
    )
    yield Grant(_READ, tuple(_everywhere(environment, names)), own)


def reading_all(environment: Environment) -> Iterator[Grant]:
    """Every state and lease of the environment."""
    own = _own_account(environment)
    names = ("*.tfstate", "*.turn", "promoted.json")
    yield Grant(_LIST, (_bucket_arn(environment.any_state_bucket),), own)
    yield Grant(_READ, tuple(_everywhere(environment, names)), own)


def locking_all(environment: Environment) -> Iterator[Grant]:
    """Locks of states, to take and release."""
    objects = tuple(_everywhere(environment, ("*.tflock",)))
    yield Grant(_KEEP, objects, _own_account(environment))


def keeping(environment: Environment, stacks: Iterable[StackNode]) -> Iterator[Grant]:
    """The states of some stacks, and their locks."""
    objects = tuple(_object(environment, node, f"{node.name}.tfstate*") for node in stacks)
    yield Grant(_KEEP, objects, {})


def leasing(environment: Environment, node: StackNode) -> Iterator[Grant]:
    """The lease of a region by one of its stacks, to take and release."""
    yield Grant(_KEEP, (_object(environment, node, f"{node.name}.turn"),), {})


def _everywhere(environment: Environment, names: Iterable[str]) -> Iterator[str]:
    bucket = _bucket_arn(environment.any_state_bucket)
    return (f"{bucket}/{environment.settings.environment}/{name}" for name in names)


def _object(environment: Environment, node: StackNode, name: str) -> str:
    bucket = environment.settings.state_bucket(node.region)
    return f"{_bucket_arn(bucket)}/{environment.settings.environment}/{name}"


def _own_account(environment: Environment) -> dict[str, dict[str, str]]:
    # Anybody may have a bucket whose name begins as ours do.
    return {"StringEquals": {"aws:ResourceAccount": environment.account_id}}


def _bucket_arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"
