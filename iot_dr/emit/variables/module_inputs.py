"""Variables of modules that are not settings: outputs of other modules, and options."""

from typing import Any, Final, cast, get_args

from pydantic.fields import FieldInfo

from environments.blocks import FunctionName
from environments.identifiers import ZoneName
from environments.settings import Settings
from functions.contract import MQTT_PORT
from iot_dr.emit.contract import Validation, Variable
from iot_dr.emit.module_context import RESERVED, ZONE
from iot_dr.emit.variables.pattern import literal
from iot_dr.emit.variables.rules import (
    REGIONS_VALUE,
    field_rules,
    region_list_rules,
    unless_null,
    validation,
)

_LABEL: Final = "[a-z0-9]([a-z0-9-]*[a-z0-9])?"
NAME: Final = rf"({_LABEL}\.)+{_LABEL}"
"""The regular expression of a lower-case DNS name without a dot at the end."""
# Any account: AWS refuses an ARN of another one.
_ACCOUNT: Final = "[0-9]{12}"
_NULLABLE: Final = {"default": None, "nullable": True}
_GIVEN_CERTIFICATE: Final = (
    validation(
        "certificate_arn",
        "is null, and create_certificate is false; pass it, or set create_certificate",
        unless="var.create_certificate || var.certificate_arn != null",
    ),
    validation(
        "certificate_arn",
        "is given, and create_certificate is true; remove one of the two",
        unless="!var.create_certificate || var.certificate_arn == null",
    ),
    validation(
        "certificate_arn",
        "is of another region, which AWS IoT does not take; expected one of var.region",
        unless="var.certificate_arn == null ? true :"
        ' startswith(var.certificate_arn, "arn:aws:acm:${var.region}:")',
    ),
)

_REPLICAS: Final = "replica_regions"
# The limits of the setting `regions`, minus the region of the tables.
_REGIONS: Final = cast("dict[str, Any]", Settings.model_fields["regions"].json_schema_extra)
_OTHER_REGIONS: Final = FieldInfo(
    annotation=tuple[str, ...],
    json_schema_extra={key: _REGIONS[key] - 1 for key in ("minItems", "maxItems")},
)
REPLICA_REGIONS: Final = Variable(
    name=_REPLICAS,
    type="list(string)",
    description="the one to four regions besides this one that hold a replica of each table",
    validations=(
        *region_list_rules(_REPLICAS, _OTHER_REGIONS),
        validation(
            _REPLICAS,
            "has the region of the tables themselves; remove it",
            unless=f"!contains(var.{_REPLICAS}, var.region)",
        ),
    ),
)
COPIED_KEYS: Final = Variable(
    name="copied_keys",
    type="list(string)",
    description="the keys of the states that are copied to the standby's bucket: those of what is"
    " global, which the standby has to read while home is gone",
    validations=(
        validation(
            "copied_keys",
            "has a duplicate, no key, or more than 1000; expected 1 to 1000 different keys",
            unless="length(var.copied_keys) >= 1 && length(var.copied_keys) <= 1000 &&"
            " length(distinct(var.copied_keys)) == length(var.copied_keys)",
        ),
        validation(
            "copied_keys",
            "has a key that is none; expected letters, digits and _.!'()/-, as S3 has them",
            # RE2 repeats at most 1000 times, and null has no length.
            unless="alltrue([for key in var.copied_keys : try(length(key) <= 1024 &&"
            """ can(regex("^[A-Za-z0-9_.!'()/-]+$", key)), false)])""",
        ),
    ),
)


def _text(
    name: str,
    description: str,
    pattern: str,
    allowed: str,
    *more: Validation,
    **rest: Any,  # noqa: ANN401 - fields of Variable
) -> Variable:
    matches = f"can(regex({literal(f'^{pattern}$')}, var.{name}))"
    rules = (validation(name, f"is not allowed; expected {allowed}", unless=matches),)
    own = unless_null(name, rules) if rest else rules
    return Variable(
        name=name, type="string", description=description, validations=(*own, *more), **rest
    )


def _flag(
    name: str, description: str, *, default: bool, rule: Validation | None = None
) -> Variable:
    rules = (rule,) if rule else ()
    return Variable(
        name=name, type="bool", description=description, default=default, validations=rules
    )


def topic_arn(region: str) -> str:
    """Return the regular expression of an SNS topic ARN; `region` is one too."""
    return rf"arn:aws:sns:{region}:{_ACCOUNT}:[A-Za-z0-9_-]{{1,256}}"


ALARM_TOPIC: Final = _text(
    "alarm_topic_arn",
    "the ARN of the SNS topic in the same region that alarms notify, such as the output"
    " alarm_topic_arn of the module regional-endpoint",
    topic_arn("[a-z0-9-]+"),
    "the ARN of a topic, such as arn:aws:sns:eu-west-1:111111111111:alarms",
    validation(
        "alarm_topic_arn",
        "is in another region, which an alarm cannot notify; expected one in var.region",
        unless='startswith(var.alarm_topic_arn, "arn:aws:sns:${var.region}:")',
    ),
)
BOUNDARY: Final = _text(
    "permissions_boundary_arn",
    "the ARN of the policy that caps every role created here, or null for none",
    rf"arn:aws:iam::{_ACCOUNT}:policy/[A-Za-z0-9_+=,.@/-]{{1,576}}",
    "the ARN of a policy, such as arn:aws:iam::111111111111:policy/boundary",
    **_NULLABLE,
)
_NAMES: Final[tuple[str, ...]] = get_args(FunctionName)
RESERVED_CONCURRENCY: Final = Variable(
    name=RESERVED,
    type="map(number)",
    description=Settings.model_fields[RESERVED].description or "",
    default={},
    nullable=True,
    validations=unless_null(
        RESERVED,
        (
            validation(
                RESERVED,
                f"names no function of the platform; expected {', '.join(_NAMES)}",
                unless=f"length(setsubtract(keys(var.{RESERVED}), {literal(_NAMES)})) == 0",
            ),
            validation(
                RESERVED,
                "has a number that is not whole",
                unless=f"alltrue([for each in values(var.{RESERVED}) :"
                " each == null ? true : floor(each) == each])",
            ),
        ),
    ),
)
CREATE_CERTIFICATE: Final = _flag(
    "create_certificate",
    "whether the region's certificate is created here; false in home, whose certificate the"
    " module hosted-zone creates",
    default=True,
)
CERTIFICATE: Final = _text(
    "certificate_arn",
    "the ARN of the certificate for every name below the zone, where create_certificate is false",
    rf"arn:aws:acm:[a-z0-9-]+:{_ACCOUNT}:certificate/[A-Za-z0-9-]+",
    "the ARN of a certificate, such as"
    " arn:aws:acm:eu-west-1:111111111111:certificate/00000000-0000-4000-8000-000000000001",
    *_GIVEN_CERTIFICATE,
    **_NULLABLE,
)
ZONE_NAME: Final = Variable(
    name="zone_name",
    type="string",
    description="the name of the hosted zone, or null for iot-ENVIRONMENT.DOMAIN",
    validations=unless_null(
        "zone_name", field_rules("zone_name", FieldInfo.from_annotation(cast("Any", ZoneName)))
    ),
    **_NULLABLE,
)
DEVICE_NAME: Final = Variable(
    name="device_name",
    type="string",
    description="the name that devices connect to, a label in the zone, or null for LABEL.ZONE",
    validations=unless_null(
        "device_name",
        (
            validation(
                "device_name",
                "is not in the zone; expected one lower-case label, a dot and the zone's name",
                unless=f'can(regex({literal(f"^{_LABEL}$")}, split(".", var.device_name)[0]))'
                f' && var.device_name == "${{split(".", var.device_name)[0]}}.${{{ZONE}}}"',
            ),
            validation(
                "device_name",
                "is the name of one region, LABEL-REGION.ZONE; expected another one",
                unless=f"!contains([for region in {REGIONS_VALUE} :"
                ' "${var.label}-${region}"], split(".", var.device_name)[0])',
            ),
        ),
    ),
    **_NULLABLE,
)
PORT: Final = Variable(
    name="port",
    type="number",
    description="the port that TCP checks connect to",
    default=MQTT_PORT,
    validations=(
        validation(
            "port",
            "is not a port; expected 1 to 65535",
            unless="floor(var.port) == var.port && var.port >= 1 && var.port <= 65535",
        ),
    ),
)
OWN_ENDPOINTS: Final = _flag(
    "own_endpoints",
    "whether the regional names are those of other endpoints than the modules', such as load"
    " balancers",
    default=False,
    rule=validation(
        "own_endpoints",
        "is true, and fail_back is latched, for which a watcher connects to AWS IoT; set fail_back"
        " to auto",
        unless='!var.own_endpoints || var.fail_back == "auto"',
    ),
)
CREATE_ZONE: Final = _flag(
    "create_zone", "whether the zone is created here; false for one that exists", default=True
)
CREATE_VALIDATION_RECORD: Final = _flag(
    "create_validation_record",
    "whether the DNS record by which ACM validates certificates is created; false if it exists in"
    " the zone, for another certificate of the account with the same name",
    default=True,
)
CREATE_TELEMETRY: Final = _flag(
    "create_telemetry", "whether devices' last states are written from their messages", default=True
)
CREATE_REGISTRY: Final = _flag(
    "create_registry",
    "whether the regions' device registries are replicated; without it, devices that are registered"
    " in one region alone cannot connect to the other",
    default=True,
)
DELEGATE: Final = _flag(
    "delegate",
    "whether the record with the name servers is created in the parent's zone",
    default=False,
    rule=validation(
        "delegate",
        "is true, and create_zone is false: a zone that exists is delegated already;"
        " remove one of the two",
        unless="!var.delegate || var.create_zone",
    ),
)
REGIONAL_NAME: Final = _text(
    "regional_name",
    "the name that always resolves to this region, such as the output regional_name of the module"
    " regional-endpoint",
    NAME,
    "a lower-case DNS name without a dot at the end, such as mqtt-eu-west-1.iot-dev.example.com",
    validation(
        "regional_name",
        "is not this region's, which a check must probe; expected a name whose first label ends in"
        " the region",
        unless='endswith(split(".", var.regional_name)[0], "-${var.region}")',
    ),
)


def _table(name: str, content: str) -> Variable:
    return _text(
        name,
        f"the name of the global table with {content}: the output {name} of the module device-data",
        "[A-Za-z0-9_.-]{3,255}",
        "the name of a table: 3 to 255 letters, digits, _, . and -",
    )


STATE_TABLE: Final = _table("device_state_table", "the last state of each device")
REGISTRY_TABLE: Final = _table("device_registry_table", "what each region holds")
