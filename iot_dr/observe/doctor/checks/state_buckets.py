"""The state buckets: they exist, with versions and encryption, and one has its own state."""

from collections.abc import Iterator
from functools import partial

from iot_dr.common.user_error import UserError
from iot_dr.observe.aws.errors import NotAllowedError, RequestRefusedError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import Finding, missing, ok
from stacks.platform_graph import stack_name


def examine(account: Account) -> Iterator[Finding]:
    """Yield what each region's bucket lacks; there are no lock tables (ADR 0008)."""
    return account.in_regions(partial(_in_region, account), account.settings.state_buckets)


def _in_region(account: Account, region: str) -> Iterator[Finding]:
    bucket = account.settings.state_bucket(region)
    problems = list(_problems(account, region, bucket))
    yield from problems or [ok(f"{bucket} has versions and encryption", region)]


def _problems(account: Account, region: str, bucket: str) -> Iterator[Finding]:
    environment = account.settings.environment
    init = f"iot-dr state init --env {environment}"
    try:
        versioning = account.clients.call("s3", region, "get_bucket_versioning", Bucket=bucket)
    except RequestRefusedError as error:
        if error.code != "NoSuchBucket":
            raise
        remedy = "create the state buckets"
        yield missing(f"{bucket} does not exist", remedy, init, region=region, blocks=True)
        return
    except NotAllowedError as error:
        # Names of buckets are unique in all accounts.
        raise UserError(
            f"{error}; or {bucket} is of another account: then change state.bucket_prefix"
        ) from error
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


def _is_encrypted(account: Account, region: str, bucket: str) -> bool:
    try:
        account.clients.call("s3", region, "get_bucket_encryption", Bucket=bucket)
    except RequestRefusedError as error:
        if error.code == "ServerSideEncryptionConfigurationNotFoundError":
            return False
        raise
    return True
