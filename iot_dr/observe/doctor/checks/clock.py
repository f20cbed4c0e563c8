"""This machine's clock, since AWS refuses signatures of another time."""

from collections.abc import Iterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

from iot_dr.observe.aws.errors import ClockSkewError
from iot_dr.observe.doctor.account import Account
from iot_dr.observe.doctor.finding import AccountFinding, missing, ok, unknown

# AWS refuses from 5 minutes on:
# docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
# A clock that is a minute off is not synchronized.
_SECONDS: Final = 60
_REMEDY: Final = "synchronize this machine's clock"
_COMMAND: Final = "sudo timedatectl set-ntp true"


def examine(account: Account) -> Iterator[AccountFinding]:
    """Yield how far the clock is off the time of STS's answer, which is in whole seconds."""
    try:
        answer = account.clients.call("sts", account.settings.home_region, "get_caller_identity")
    except ClockSkewError as error:
        yield missing(str(error), _REMEDY, _COMMAND, blocks=True)
        return
    date = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    if date is None:
        yield unknown("STS answers without a date")
        return
    # HTTP's dates are in UTC, whether they say so or not.
    off = (account.now() - parsedate_to_datetime(date).replace(tzinfo=UTC)).total_seconds()
    if abs(off) < _SECONDS:
        yield ok("the same time as AWS")
        return
    way = "ahead of" if off > 0 else "behind"
    yield missing(
        f"{abs(off):.0f} s {way} AWS, which refuses requests from 300 s on", _REMEDY, _COMMAND
    )
