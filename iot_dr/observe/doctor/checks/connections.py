"""The pipeline's connections to its repository: a person has authorized them."""

from collections.abc import Iterator, Mapping
from functools import partial

from iot_dr.common.plain_text import plain
from iot_dr.observe.aws.errors import RequestRefusedError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield the state of each region's connection."""
    pipeline = account.settings.pipeline
    if pipeline is None:
        yield ok("without a pipeline, none is needed")
        return
    yield from account.in_regions(
        partial(_in_region, account, pipeline.connections), pipeline.connections
    )


def _in_region(
    account: Account, connections: Mapping[str, str], region: str
) -> Iterator[AccountFinding]:
    arn = connections[region]
    # An older connection has the service's former name in its ARN.
    service = arn.split(":")[2]
    try:
        answer = account.clients.call(service, region, "get_connection", ConnectionArn=arn)
    except RequestRefusedError as error:
        if error.code != "ResourceNotFoundException":
            raise
        yield missing(
            f"{arn} does not exist",
            "create a connection, authorize it in the console under Developer Tools, Settings,"
            f" Connections, and set pipeline.connections.{region} to its ARN",
            f"aws codeconnections create-connection --region {region} --provider-type GitHub"
            f" --connection-name {account.settings.project}-{account.settings.environment}",
            region=region,
        )
        return
    status = plain(answer["Connection"]["ConnectionStatus"])
    if status == "AVAILABLE":
        yield ok("available", region)
        return
    yield missing(
        f"{arn} is {status}, so that the pipeline cannot read the repository",
        "authorize it in the console, under Developer Tools, Settings, Connections",
        region=region,
    )
