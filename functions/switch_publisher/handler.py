"""Lambda handler that runs every minute in each region with the alarm of a switch.

Its variables are those of PublisherVariable. A wrong one fails the initialization of the function.
"""

import os
from collections.abc import Mapping

from functions.aws_client import client
from functions.contract import PublisherVariable
from functions.probe.variables import Variables
from functions.register import RegisterNames
from functions.switch_publisher.publisher import SwitchPublisher


def _publisher(environ: Mapping[str, str]) -> SwitchPublisher:
    variables = Variables(environ)
    project = variables.text(PublisherVariable.PROJECT)
    environment = variables.text(PublisherVariable.ENVIRONMENT)
    regions = variables.names(PublisherVariable.REGIONS)
    own = variables.choice("AWS_REGION", regions)
    variables.raise_if_invalid()
    # Loads boto3 and its models now: in an invocation it would be part of the time to publish.
    for service in ("ssm", "cloudwatch"):
        client(service, own)
    return SwitchPublisher(names=RegisterNames(project, environment), regions=regions, own=own)


_PUBLISHER = _publisher(os.environ)


def handle(_event: object, _context: object) -> dict[str, int]:
    """Publish once.

    Raises PublishError, which Lambda counts as an error, if a register cannot be read or put.
    """
    return {"published": _PUBLISHER.publish()}
