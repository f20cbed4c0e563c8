"""Permissions for Terraform states, their locks, and leases in the state buckets."""

from collections.abc import Iterable, Iterator

from modules.stack_names import What
from stacks.graph import StackNode
from stacks.permissions.environment import PipelineEnvironment
from stacks.permissions.grant import Grant
from stacks.state_location import ABANDONED_FILE, state_file

_READ, _LIST = ("s3:GetObject",), ("s3:ListBucket",)
_KEEP = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")


def preflight_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what every run reads first: which states exist, their owner, and leases and locks.

    Without permission to list the bucket, S3 answers 403 for a missing object
    (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). A regional run reads the primary
    from the entry point's state, and the hosted zone from its state, if it has one.
    """
    own = _own_account(environment)
    yield Grant(_LIST, (_bucket_arn(environment.any_state_bucket),), own)
    read: tuple[What, ...] = ("state", "hosted-zone", "entry-point")
    names = (
        *(state_file(node.name) for node in environment.nodes if node.what in read),
        *("promoted.json", "*.turn", "*.tflock"),
    )
    yield Grant(_READ, tuple(_everywhere(environment, names)), own)


def read_all_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what reads all states and leases of the environment."""
    own = _own_account(environment)
    names = (state_file("*"), "*.turn", "promoted.json")
    yield Grant(_LIST, (_bucket_arn(environment.any_state_bucket),), own)
    yield Grant(_READ, tuple(_everywhere(environment, names)), own)


def lock_all_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what takes and releases the locks of all states."""
    objects = tuple(_everywhere(environment, ("*.tflock",)))
    yield Grant(_KEEP, objects, _own_account(environment))


def promote_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield the grants to make copies of states the originals: to remove locks, and write fences.

    With the block `data` also the one to write the tables' state.
    """
    yield from read_all_grants(environment)
    data = [state_file(node.name) for node in environment.nodes if node.what == "data"]
    objects = tuple(_everywhere(environment, ("*.tflock", "promoted.json", *data)))
    yield Grant(_KEEP, objects, _own_account(environment))


def abandoned_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what reads the record of abandoned regions."""
    record = tuple(_everywhere(environment, (ABANDONED_FILE,)))
    yield Grant(_READ, record, _own_account(environment))


def abandon_grants(environment: PipelineEnvironment) -> Iterator[Grant]:
    """Yield what removes resources of a lost region from global states, and records them."""
    yield from read_all_grants(environment)
    yield from lock_all_grants(environment)
    names = [state_file(node.name) for node in environment.nodes if node.role is None]
    objects = tuple(_everywhere(environment, (ABANDONED_FILE, *names)))
    yield Grant(_KEEP, objects, _own_account(environment))


def write_grants(environment: PipelineEnvironment, stacks: Iterable[StackNode]) -> Iterator[Grant]:
    """Yield what writes the states of some stacks, and takes their locks."""
    objects = tuple(_object(environment, node, f"{state_file(node.name)}*") for node in stacks)
    yield Grant(_KEEP, objects, {})


def lease_grants(environment: PipelineEnvironment, node: StackNode) -> Iterator[Grant]:
    """Yield what takes and releases the lease of a region by one of its stacks."""
    yield Grant(_KEEP, (_object(environment, node, f"{node.name}.turn"),), {})


def _everywhere(environment: PipelineEnvironment, names: Iterable[str]) -> Iterator[str]:
    bucket = _bucket_arn(environment.any_state_bucket)
    return (f"{bucket}/{environment.settings.environment}/{name}" for name in names)


def _object(environment: PipelineEnvironment, node: StackNode, name: str) -> str:
    bucket = environment.settings.state_bucket(node.region)
    return f"{_bucket_arn(bucket)}/{environment.settings.environment}/{name}"


def _own_account(environment: PipelineEnvironment) -> dict[str, dict[str, str]]:
    # Bucket names are global: another account can have one with our prefix.
    return {"StringEquals": {"aws:ResourceAccount": environment.account_id}}


def _bucket_arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"
