"""What the roles can do at the most that stacks with the data of devices make."""

from stacks.rights.cap_parts import allow, by, log_of
from stacks.rights.estate import ANY_REGION, Estate
from stacks.rights.joining_cap import joining_boundary
from stacks.rights.policy import Statement

_LOG = ("logs:CreateLogStream", "logs:PutLogEvents")
_READ_STREAM = (
    *("kinesis:DescribeStream*", "kinesis:GetRecords", "kinesis:GetShardIterator"),
    "kinesis:ListShards",
)
_READ_CHANGES = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
_ROWS = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan")
_MESSAGES = (
    *("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    *("sqs:ReceiveMessage", "sqs:SendMessage"),
)
# All that a region's registry holds is copied, whatever it is called (ADR 0022).
_REGISTRY = ("iot:*Certificate*", "iot:*Polic*", "iot:*Thing*")
_KINDS = ("cacert", "cert", "policy", "thing", "thinggroup", "thingtype")
# The service authorization reference lists no resource type for these.
_WITHOUT_RESOURCE = (
    *("dynamodb:ListStreams", "iot:DescribeEndpoint", "iot:ListCACertificates"),
    *("iot:ListAttachedPolicies", "iot:ListCertificates", "iot:ListPolicies"),
    *("iot:ListThingGroups", "iot:ListThingTypes", "iot:ListThings"),
    *("iot:RegisterCACertificate", "iot:RegisterCertificateWithoutCA"),
)


def data_boundary(estate: Estate) -> list[Statement]:
    """Cap the roles that write states, those that copy the registry, and those that let devices in.

    A statement is for one role, and no service in it has two kinds of resources that an action
    could mistake. Their keys are those that AWS manages, whose policies let in who may use the
    service.
    """
    name, place = estate.context.name, f"*:{estate.account_id}"
    table, queue = f"arn:aws:dynamodb:{place}:table", f"arn:aws:sqs:{place}"
    stream = f"arn:aws:kinesis:{place}:stream/{name('telemetry')}"
    rows = f"{table}/{name('device-registry')}"
    writer = [log_of(estate, "telemetry"), f"{table}/{name('device-state')}", stream]
    copier = [
        log_of(estate, "registry-*"),
        rows,
        f"{rows}/stream/*",
        f"{queue}:{name('registry-*')}",
    ]
    kinds = [f"arn:aws:iot:{place}:{kind}/*" for kind in _KINDS]
    registry = by(estate, name("registry-*"))
    return [
        allow(
            (*_LOG, *_READ_STREAM, "dynamodb:PutItem", "sqs:SendMessage"),
            [*writer, f"{queue}:{name('telemetry-failed')}"],
            by(estate, name(f"telemetry-{ANY_REGION}")),
        ),
        allow(
            ("kinesis:PutRecord", "sqs:SendMessage"),
            [stream, f"{queue}:{name('telemetry-lost')}"],
            by(estate, name("telemetry-rule-*")),
        ),
        allow((*_LOG, *_MESSAGES, *_ROWS, *_READ_CHANGES, *_REGISTRY), [*copier, *kinds], registry),
        allow(_WITHOUT_RESOURCE, ["*"], registry),
        *joining_boundary(estate),
    ]
