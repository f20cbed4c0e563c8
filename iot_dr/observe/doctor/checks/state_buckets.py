"""The state buckets: they exist, with versions and encryption, and one has its own state."""

from collections.abc import Iterator
from functools import partial

from iot_dr.common.terraform_binary import program
from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import NotAllowedError, RequestRefusedError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, later, missing, ok
from modules.stack_names import stack_name


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield what each region's bucket lacks; there are no lock tables (ADR 0008)."""
    return account.in_regions(partial(_in_region, account), account.settings.state_buckets)


def _in_region(account: Account, region: str) -> Iterator[AccountFinding]:
    bucket = account.settings.state_bucket(region)
    problems = list(_problems(account, region, bucket))
    yield from problems or [ok(f"{bucket} has versions and encryption", region)]


def _problems(account: Account, region: str, bucket: str) -> Iterator[AccountFinding]:
    environment = account.settings.environment
    init = f"iot-dr state init --env {environment}"
    try:
        versioning = account.clients.call("s3", region, "get_bucket_versioning", Bucket=bucket)
    except RequestRefusedError as error:
        if error.code != "NoSuchBucket":
            raise
        if _is_new(account, bucket):
            yield later(f"{bucket} does not exist; a deploy creates it", region=region)
            return
        remedy = "create the state buckets"
        yield missing(f"{bucket} does not exist", remedy, init, region=region, blocks=True)
        return
    except NotAllowedError as error:
        # Names of buckets are unique in all accounts.
        raise UserError(
            f"{error}; or {bucket} is of another account: then change state.bucket_prefix"
        ) from error
    if _is_new(account, bucket):
        yield _not_imported(account, region, bucket)
        return
    if versioning.get("Status") != "Enabled":
        yield missing(
            f"{bucket} keeps no earlier versions of a state",
            "enable versioning",
            f"aws s3api put-bucket-versioning --bucket {bucket} --region {region}"
            " --versioning-configuration Status=Enabled",
            region=region,
        )
    if not _is_encrypted(account, region, bucket):
        yield missing(
            f"{bucket} does not encrypt states",
            "apply the stack of the state buckets",
            f"iot-dr deploy --env {environment}",
            region=region,
        )
    state = stack_name(environment, "state")
    if region == account.settings.home_region and account.states[state] is None:
        message = f"{bucket} exists, but has no state of {state}"
        remedy = "finish the creation of the state buckets where it was begun"
        yield missing(message, remedy, init, region=region, blocks=True)


def _is_new(account: Account, bucket: str) -> bool:
    """Whether the next deploy of a deployed environment creates a bucket: its region is added."""
    if not account.states[stack_name(account.settings.environment, "state")]:
        return False
    return any(each.values.get("bucket") == bucket for each in account.to_create("aws_s3_bucket"))


def _not_imported(account: Account, region: str, bucket: str) -> AccountFinding:
    """Return the finding about the bucket of a region that was one of the environment before."""
    environment = account.settings.environment
    stack = stack_name(environment, "state")
    return missing(
        f"{bucket} exists, and is not in the state of {stack}: {region} was a region of"
        f" {environment} before, or the bucket is somebody else's",
        "import it, and with it the states of the region's own stacks"
        " (docs/runbooks/add-region.md)",
        f"iot-dr synth --env {environment}",
        f"cd cdktf.out/stacks/{stack} && {program()} init && {program()} import"
        f" aws_s3_bucket.state_{region.replace('-', '_')} {bucket}",
        region=region,
        blocks=True,
    )


def _is_encrypted(account: Account, region: str, bucket: str) -> bool:
    try:
        account.clients.call("s3", region, "get_bucket_encryption", Bucket=bucket)
    except RequestRefusedError as error:
        if error.code == "ServerSideEncryptionConfigurationNotFoundError":
            return False
        raise
    return True
