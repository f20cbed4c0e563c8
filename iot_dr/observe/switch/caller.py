"""The caller who uses a switch."""

from iot_dr.observe.aws.clients import CallLimits, Clients
from iot_dr.observe.aws.errors import NoAnswerError

UNKNOWN = "unknown"


def caller(region: str, limits: CallLimits) -> str:
    """Return the ARN of this process's own credentials, from the STS of a region.

    Not that of the deployment role, which is the same for everybody. Returns `unknown` if STS does
    not answer; raises AwsError if it refuses.
    """
    try:
        answer = Clients(None, limits).call("sts", region, "get_caller_identity")
    except NoAnswerError:
        return UNKNOWN
    return str(answer["Arn"])
