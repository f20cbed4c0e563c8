"""The credentials: AWS accepts them, and they are of the environment's account."""

from collections.abc import Iterator

from iot_dr.common.plain_text import plain
from iot_dr.observe.aws.errors import (
    LOG_IN,
    LOG_IN_COMMANDS,
    CredentialsError,
    NotAllowedError,
)
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield whose credentials these are; raises AwsError if STS does not answer."""
    own = account.settings
    try:
        caller = account.clients.call("sts", own.home_region, "get_caller_identity")
    except CredentialsError as error:
        yield missing(
            f"{error}; {own.environment} is in account {own.account_id}",
            LOG_IN,
            *LOG_IN_COMMANDS,
            blocks=True,
        )
        return
    except NotAllowedError as error:
        # GetCallerIdentity itself needs no permission, so this is AssumeRole.
        yield missing(
            str(error),
            f"let {own.deploy_role_arn} (deploy_role_arn) trust you, and allow you to assume it",
            blocks=True,
        )
        return
    if caller["Account"] == own.account_id:
        yield ok(f"{plain(caller['Arn'])}")
        return
    yield missing(
        f"{plain(caller['Arn'])} is of account {caller['Account']}; {own.environment} is in"
        f" {own.account_id} (account_id)",
        LOG_IN,
        *LOG_IN_COMMANDS,
        blocks=True,
    )
