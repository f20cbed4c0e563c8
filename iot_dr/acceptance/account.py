"""Checks of the account, and whether the environment exists in it."""

from iot_dr.acceptance.tools import RunTools, VerificationError
from iot_dr.delivery.deploy.deployment import KEPT_BY_DESTROY
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.terraform_json.state_file import StateFile
from stacks.platform_graph import platform_graph
from stacks.state_location import StateLocation, state_location

_NONE = {"NoSuchBucket", "NoSuchKey"}


def verify_account(tools: RunTools) -> None:
    """Raise VerificationError if the credentials are of another account; AwsError if STS fails."""
    own = tools.settings
    identity = tools.clients.call("sts", own.home_region, "get_caller_identity")
    if identity["Account"] != own.account_id:
        raise VerificationError(
            f"the credentials are of account {identity['Account']}; {own.environment} is in"
            f" {own.account_id} (account_id)"
        )


def environment_exists(tools: RunTools) -> bool:
    """Whether a stack that `iot-dr destroy` removes has a resource in its state.

    One resource is enough: a deploy or destroy may have stopped half-way. Raises AwsError if a
    state cannot be read.
    """
    own = tools.settings
    going = (node for node in platform_graph(own).nodes if node.what not in KEPT_BY_DESTROY)
    return any(_has_resources(tools, state_location(own, node)) for node in going)


def _has_resources(tools: RunTools, location: StateLocation) -> bool:
    try:
        answer = tools.clients.call(
            "s3", location.region, "get_object", Bucket=location.bucket, Key=location.key
        )
    except RequestRefusedError as error:
        if error.code in _NONE:
            return False
        raise
    return bool(StateFile.read(answer["Body"].read(), location.url).resources)
