"""Rights to Terraform's states and to what lies beside them."""

from collections.abc import Iterable, Iterator

from stacks.rights.estate import Estate
from stacks.rights.held import Grant

_READ, _LIST = ("s3:GetObject",), ("s3:ListBucket",)
_KEEP = ("s3:DeleteObject", "s3:GetObject", "s3:PutObject")


def finding(estate: Estate) -> Iterator[Grant]:
    """What every run asks first: are there states, whose are they, and is a region being changed?

    Without the right to list a bucket S3 says of an object that is not there that it is forbidden
    (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). A region reads the primary by
    the entry point's state, and the zone by its own.
    """
    yield Grant(_LIST, (_bucket_arn(estate.any_state_bucket),), _own_account(estate))
    names = (
        *(f"{estate.stacks[what]}.tfstate" for what in ("state", "hosted-zone", "entry-point")),
        *("promoted.json", "*.turn", "*.tflock"),
    )
    yield Grant(_READ, tuple(_everywhere(estate, names)), _own_account(estate))


def reading_all(estate: Estate) -> Iterator[Grant]:
    """Every state and turn of the environment."""
    own = _own_account(estate)
    names = ("*.tfstate", "*.turn", "promoted.json")
    yield Grant(_LIST, (_bucket_arn(estate.any_state_bucket),), own)
    yield Grant(_READ, tuple(_everywhere(estate, names)), own)


def locking_all(estate: Estate) -> Iterator[Grant]:
    """Locks of states, to take and give back."""
    yield Grant(_KEEP, tuple(_everywhere(estate, ("*.tflock",))), _own_account(estate))


def keeping(estate: Estate, stacks: Iterable[tuple[str, str]]) -> Iterator[Grant]:
    """The states of some stacks, by name and region, and their locks."""
    places = tuple(_place(estate, region, f"{stack}.tfstate*") for stack, region in stacks)
    yield Grant(_KEEP, places, {})


def taking_turns(estate: Estate, stack: str, region: str) -> Iterator[Grant]:
    """The turn of a region by one of its stacks, to take and give back."""
    place = _place(estate, region, f"{stack}.turn")
    yield Grant(_KEEP, (place,), {})


def _everywhere(estate: Estate, names: Iterable[str]) -> Iterator[str]:
    bucket = _bucket_arn(estate.any_state_bucket)
    return (f"{bucket}/{estate.context.environment}/{name}" for name in names)


def _place(estate: Estate, region: str, name: str) -> str:
    bucket = estate.buckets[region]
    return f"{_bucket_arn(bucket)}/{estate.context.environment}/{name}"


def _own_account(estate: Estate) -> dict[str, dict[str, str]]:
    # Anybody may have a bucket whose name begins as ours do.
    return {"StringEquals": {"aws:ResourceAccount": estate.account_id}}


def _bucket_arn(bucket: str) -> str:
    return f"arn:aws:s3:::{bucket}"
