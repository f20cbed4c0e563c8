"""What a region's registry is captured from: events, shadow topics and API calls; without CDKTF."""

from typing import Final

EVENTS: Final = {
    "THING": ("things", "thing"),
    "THING_TYPE": ("thing-types", "thingType"),
    "THING_TYPE_ASSOCIATION": ("types-of-things", "thingTypeAssociation"),
    "THING_GROUP": ("thing-groups", "thingGroup"),
    "THING_GROUP_HIERARCHY": ("groups-of-groups", "thingGroupHierarchy"),
    "THING_GROUP_MEMBERSHIP": ("groups-of-things", "thingGroupMembership"),
}
"""Event types, each with the suffix of its rule and the level of its topics.

docs.aws.amazon.com/iot/latest/developerguide/registry-events.html
"""
REGISTRATIONS: Final = ("registered-certificates", "certificates/registered")
"""The suffix of the rule and the level of the topics of certificates that register themselves.

AWS's page names no event type that turns them on; not tried on AWS:
docs.aws.amazon.com/iot/latest/developerguide/auto-register-device-cert.html
"""
# docs.aws.amazon.com/iot/latest/developerguide/reserved-topics.html
_SHADOW, _NAMED_SHADOW = "$aws/things/+/shadow", "$aws/things/+/shadow/name/+"
SHADOWS: Final = {
    "shadows": f"{_SHADOW}/update/documents",
    "deleted-shadows": f"{_SHADOW}/delete/accepted",
    "named-shadows": f"{_NAMED_SHADOW}/update/documents",
    "deleted-named-shadows": f"{_NAMED_SHADOW}/delete/accepted",
}
"""Topics of shadow changes by the suffix of their rule."""
SHADOW_FIELDS: Final = ("topic() AS topic", "timestamp() AS time")
"""What the capture function needs of a shadow message."""
SQL_VERSION: Final = "2016-03-23"
"""The version of the rules' SQL.

docs.aws.amazon.com/iot/latest/developerguide/iot-rule-sql-version.html
"""
CALLS: Final = (
    *("AttachPolicy", "AttachPrincipalPolicy", "AttachThingPrincipal"),
    *("CreateCertificateFromCsr", "CreateKeysAndCertificate", "CreatePolicy"),
    *("CreatePolicyVersion", "DeleteCACertificate", "DeleteCertificate", "DeletePolicy"),
    *("DeletePolicyVersion", "DetachPolicy", "DetachPrincipalPolicy", "DetachThingPrincipal"),
    *("RegisterCACertificate", "RegisterCertificate", "RegisterCertificateWithoutCA"),
    *("SetDefaultPolicyVersion", "UpdateCACertificate", "UpdateCertificate"),
)
"""The API calls that `functions/registry_capture/events.py` can capture."""
CALL_EVENT: Final = {
    "source": "aws.iot",
    "detail-type": "AWS API Call via CloudTrail",
    "eventSource": "iot.amazonaws.com",
}
"""The fields of the event of such a call."""
TELEMETRY_FIELDS: Final = (
    "encode(*, 'base64') AS payload",
    "topic(2) AS device",
    "timestamp() AS received",
)
"""What the telemetry function needs of a device message."""
TELEMETRY_TOPIC: Final = "topic() AS topic"
"""With it the function keeps a state of each topic; without it one of all topics of a device."""


def event_topics(level: str) -> str:
    """Return the filter for the topics of an event type."""
    return f"$aws/events/{level}/#"


def telemetry_topics(environment: str) -> str:
    """Return the filter for the topics of device messages that are kept."""
    return f"iot-{environment}/+/up/#"
