"""The blocks of an environment's settings: endpoint, health, recovery, state and others."""

import re
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from environments.fields import Text, WholeNumber, refusal
from environments.regions import LONGEST_REGION
from functions.contract import FailBack, Interval, Mode

DNS_LABEL_LENGTH: Final = 63
"""Octets in one label of a DNS name (RFC 1035, 2.3.4)."""

_LABEL_LENGTH: Final = DNS_LABEL_LENGTH - len(f"-{LONGEST_REGION}")
_OLD_TLS: Final = re.compile(r"IoTSecurityPolicy_TLS1\d_1_[01]_\d{4}_\d\d")

# Those without TLS 1.0 and 1.1:
# docs.aws.amazon.com/iot/latest/developerguide/transport-security.html
TlsPolicy = Literal[
    "IoTSecurityPolicy_TLS13_1_3_2022_10",
    "IoTSecurityPolicy_TLS13_1_2_2022_10",
    "IoTSecurityPolicy_TLS12_1_2_2022_10",
]

FunctionName = Literal[
    "canary",
    "watcher",
    "switch_publisher",
    "telemetry",
    "registry_capture",
    "registry_apply",
    "registry_reconcile",
]
"""A Lambda function of the platform, by its folder in `functions/`."""


class Block(BaseModel):
    """A block of the settings: immutable, and strict about keys and types."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Endpoint(Block):
    """The DNS name that devices connect to."""

    label: Annotated[
        str,
        Text(
            pattern=r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?",
            longest=_LABEL_LENGTH,
            rule="one DNS label of a-z, 0-9 and hyphens, no hyphen first or last, 1 to "
            f"{_LABEL_LENGTH} characters so that LABEL-{LONGEST_REGION} fits into "
            f"{DNS_LABEL_LENGTH}; other scripts only as punycode (xn--...)",
        ),
    ] = Field(default="mqtt", description="the first label of the device name")
    # At 0, resolvers query for each connect; above an hour, every failover comes too late.
    ttl: Annotated[int, WholeNumber(1, 3600, "seconds")] = Field(
        default=60,
        description="seconds for which resolvers may cache the answer for the device name",
    )
    tls_policy: TlsPolicy = Field(
        default="IoTSecurityPolicy_TLS13_1_2_2022_10",
        description="the security policy of AWS IoT for the TLS versions of device connections",
    )

    # The provider's default is 75 (aws_acm_certificate_validation, Timeouts); a region's apply in a
    # pipeline has 120 minutes.
    certificate_minutes: Annotated[int, WholeNumber(1, 75, "minutes")] = Field(
        default=45,
        description="minutes to wait until ACM has issued a region's certificate, for which the"
        " parent zone must delegate to the environment's zone",
    )

    @field_validator("tls_policy", mode="before")
    @classmethod
    def _no_old_tls(cls, policy: object) -> object:
        if isinstance(policy, str) and _OLD_TLS.fullmatch(policy):
            raise refusal(
                "accepts TLS 1.0 or 1.1, which are broken; "
                "write IoTSecurityPolicy_TLS13_1_2_2022_10 for TLS 1.2 and 1.3"
            )
        return policy


class Health(Block):
    """How Route 53 checks the health of a region."""

    mode: Mode = Field(
        default="deep",
        description="what the primary's health check tests; deep: a message is published through"
        " the region's own name; shallow: a TCP connection to port 8883 is opened",
    )
    # docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (RequestInterval,
    # FailureThreshold)
    interval: Interval = Field(
        default=30, description="seconds between two checks by one checker: 10 or 30"
    )
    threshold: Annotated[int, WholeNumber(1, 10, "checks")] = Field(
        default=3, description="checks in a row that change a region's health"
    )


class Recovery(Block):
    """The recovery time objective, and what it depends on apart from the health checks."""

    rto: Annotated[int, WholeNumber(1, 86_400, "seconds")] = Field(
        default=360, description="recovery time objective: seconds until 99 % of devices are back"
    )
    fleet: Annotated[int, WholeNumber(1, 100_000_000, "devices")] = Field(
        default=100_000, description="devices that are connected at the same time"
    )
    connect_rate: Annotated[int, WholeNumber(1, 1_000_000, "connects a second")] = Field(
        default=500,
        description="connects a second that AWS IoT accepts in the standby (quota L-AEA1E176)",
    )
    backoff_ceiling: Annotated[int, WholeNumber(1, 3600, "seconds")] = Field(
        default=30, description="longest wait of a device between two attempts to connect"
    )
    fail_back: FailBack = Field(
        default="latched",
        description="latched: devices return to the primary when an operator switches back; auto:"
        " as soon as its health check passes",
    )
    drill_days: Annotated[int, WholeNumber(1, 366, "days")] = Field(
        default=30, description="days for which a passed drill allows `iot-dr adopt cut-over`"
    )


class Suppression(Block):
    """A rule whose findings this environment accepts, and why."""

    rule: Annotated[
        str,
        Text(
            pattern=r"[a-z][a-z0-9]*(-[a-z0-9]+)*",
            longest=64,
            rule="the id of a rule, such as failover-record-at-apex; `iot-dr check --rules` lists"
            " them",
        ),
    ] = Field(description="the id of the rule")
    reason: Annotated[
        str, Text(pattern=r"\S(.*\S)?", longest=300, rule="a sentence on one line")
    ] = Field(description="why its findings are acceptable here")


class State(Block):
    """Where Terraform stores its state."""

    # docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html. No dot: S3's wildcard
    # certificate does not cover bucket names with dots.
    bucket_prefix: Annotated[
        str,
        Text(
            pattern=r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]*",
            longest=DNS_LABEL_LENGTH,
            rule="a-z, 0-9 and hyphens, no dot, a letter or digit first, "
            "no prefix that S3 reserves (xn--, sthree-, amzn-s3-demo-)",
        ),
    ] = Field(description="the prefix of the names of the state buckets")
