"""Who uses a switch."""

from iot_dr.observe.aws.clients import Clients, Limits
from iot_dr.observe.aws.errors import NoAnswerError

UNKNOWN = "unknown"


def caller(region: str, limits: Limits) -> str:
    """Give the ARN of this process's own credentials, by the STS of a region.

    Not of the deployment's role, which is the same for everybody. It is `unknown` when STS does
    not answer; raises AwsError when it refuses.
    """
    try:
        answer = Clients(None, limits).call("sts", region, "get_caller_identity")
    except NoAnswerError:
        return UNKNOWN
    return str(answer["Arn"])
