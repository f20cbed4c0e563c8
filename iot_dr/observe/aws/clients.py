"""boto3 clients, one per service and region, with short timeouts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, Final, cast

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from iot_dr.observe.aws.errors import AwsCall, NoAnswerError, as_aws_error

# A role's credentials are renewed this long before they expire.
_MARGIN: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Timeouts in seconds, and the number of attempts at a call, the first included.

    `connections` is the size of a client's connection pool.
    """

    connect: float = 1.0
    read: float = 2.0
    attempts: int = 2
    connections: int = 10


@dataclass(frozen=True, slots=True)
class _Role:
    """The credentials of an assumed role, and their expiry."""

    credentials: Mapping[str, str]
    ends: datetime

    @property
    def is_over(self) -> bool:
        return datetime.now(UTC) > self.ends - _MARGIN


_OWN: Final = _Role({}, datetime.max.replace(tzinfo=UTC))


class Clients:
    """boto3 clients with this process's configuration, in the role `role_arn` if it is set.

    The role is assumed through the STS of the region that is called, since any other region may be
    unavailable: docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_enable-regions.html.
    Safe to use from several threads: a region that hangs does not block the others.
    """

    def __init__(
        self, role_arn: str | None, limits: CallLimits = CallLimits(), session_name: str = "iot-dr"
    ) -> None:
        self._role_arn = role_arn
        self._session_name = session_name
        self.limits = limits
        self._session: Any = None
        self._has_credentials = False
        self._roles: dict[str, _Role] = {}
        self._clients: dict[tuple[str, str, str | None], tuple[_Role, Any]] = {}
        self._making = Lock()

    def call(self, service: str, region: str, method: str, **arguments: object) -> dict[str, Any]:
        """Call a method of boto3's client, such as `describe_alarms`, and return its answer.

        Raises AwsError, whose message names the call, the region and the reason.
        """
        from botocore.parsers import ResponseParserError  # noqa: PLC0415 - slow, as boto3 below

        asked = AwsCall.of(service, region, method)
        try:
            client = self.client(service, region)
        except (BotoCoreError, ClientError) as error:
            # With a role, creating a client makes one call: AssumeRole.
            assuming = AwsCall.of("sts", region, "assume_role")
            raise as_aws_error(assuming if self._role_arn else asked, error) from error
        try:
            return getattr(client, method)(**arguments)
        except (BotoCoreError, ClientError) as error:
            raise as_aws_error(asked, error) from error
        except ResponseParserError as error:
            raise NoAnswerError(f"{asked}: no answer of AWS's: something else is there") from error

    def renew(self) -> None:
        """Create new clients from now on; existing ones keep the credentials that they read."""
        with self._making:
            self._session = None
            self._roles.clear()
            self._clients.clear()

    def client(self, service: str, region: str, endpoint: str | None = None) -> Any:  # noqa: ANN401 - boto3 has no types
        """Return boto3's client, for `endpoint` instead of the service's own if it is given.

        Raises botocore's error if there are no credentials, or the role cannot be assumed.
        """
        role = self._role(region) if self._role_arn else _OWN
        with self._making:
            entry = self._clients.get((service, region, endpoint))
            if entry is None or entry[0] is not role:  # a client keeps its role's credentials
                entry = role, self._created(service, region, role.credentials, endpoint)
                self._clients[service, region, endpoint] = entry
        return entry[1]

    def _role(self, region: str) -> _Role:
        role = self._roles.get(region)
        if role is None or role.is_over:
            role = self._roles[region] = self._assumed(region)
        return role

    def _assumed(self, region: str) -> _Role:
        with self._making:
            sts = self._created("sts", region, {})
        # Not under the lock: a region that hangs would hold up the others.
        given = sts.assume_role(RoleArn=self._role_arn, RoleSessionName=self._session_name)
        credentials = given["Credentials"]
        return _Role(
            {
                "aws_access_key_id": credentials["AccessKeyId"],
                "aws_secret_access_key": credentials["SecretAccessKey"],
                "aws_session_token": credentials["SessionToken"],
            },
            credentials["Expiration"],
        )

    def _created(
        self,
        service: str,
        region: str,
        credentials: Mapping[str, str],
        endpoint: str | None = None,
    ) -> Any:  # noqa: ANN401 - as above
        # Slow, and needed by a call alone: `--help` and settings with mistakes do without.
        import boto3.session  # noqa: PLC0415 - as above
        from botocore.config import Config  # noqa: PLC0415 - as above

        if self._session is None:
            self._session = cast("Any", boto3.session.Session())
            # The search may take a second if there are none, so it is done only once.
            self._has_credentials = self._session.get_credentials() is not None
        if not self._has_credentials:
            raise NoCredentialsError
        return self._session.client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            config=Config(
                connect_timeout=self.limits.connect,
                read_timeout=self.limits.read,
                retries={"total_max_attempts": self.limits.attempts, "mode": "standard"},
                max_pool_connections=self.limits.connections,
                request_checksum_calculation="when_required",
            ),
            **credentials,
        )
