from typing import Final

import pytest

from environments.regions import IOT_REGIONS
from tests.iot_dr.emit.variables.judge import Judge
from tests.iot_dr.emit.variables.module_cases import (
    ACCOUNT,
    ModuleCase,
    module_cases,
    refusals,
    sentences_by_variable,
)

REGIONS: Final = ", ".join(IOT_REGIONS)
TOPIC: Final = (
    "alarm_topic_arn is not allowed; expected the ARN of a topic, such as"
    " arn:aws:sns:eu-west-1:111111111111:alarms"
)
OTHER_TOPIC: Final = (
    "alarm_topic_arn is in another region, which an alarm cannot notify; expected one in var.region"
)
BOUNDARY: Final = (
    "permissions_boundary_arn is not allowed; expected the ARN of a policy, such as"
    " arn:aws:iam::111111111111:policy/boundary"
)
NAME: Final = (
    "regional_name is not allowed; expected a lower-case DNS name without a dot at the end, such as"
    " mqtt-eu-west-1.iot-dev.example.com"
)
OTHER_NAME: Final = (
    "regional_name is not this region's, which a check must probe; expected a name whose first"
    " label ends in the region"
)
CERTIFICATE: Final = (
    "certificate_arn is not allowed; expected the ARN of a certificate, such as"
    " arn:aws:acm:eu-west-1:111111111111:certificate/00000000-0000-4000-8000-000000000001"
)
NO_CERTIFICATE: Final = (
    "certificate_arn is null, and create_certificate is false; pass it, or set create_certificate"
)
TWO_CERTIFICATES: Final = (
    "certificate_arn is given, and create_certificate is true; remove one of the two"
)
OTHER_CERTIFICATE: Final = (
    "certificate_arn is of another region, which AWS IoT does not take; expected one of var.region"
)
RESERVED_FUNCTION: Final = (
    "reserved_concurrency names no function of the platform; expected canary, watcher,"
    " switch_publisher, telemetry, registry_capture, registry_apply, registry_reconcile"
)
RESERVED_NUMBER: Final = "reserved_concurrency has a number that is not whole"
_ZONE_RULE: Final = (
    "expected a lower-case DNS name of two labels or more, such as example.com, without a dot at"
    " the end, at most 62 characters"
)
LONG_ZONE: Final = f"zone_name has more than 62 characters; {_ZONE_RULE}"
NO_ZONE_NAME: Final = f"zone_name is not allowed; {_ZONE_RULE}"
DEVICE_NAME: Final = (
    "device_name is not in the zone; expected one lower-case label, a dot and the zone's name"
)
REGIONAL: Final = "device_name is the name of one region, LABEL-REGION.ZONE; expected another one"
ITSELF: Final = (
    "device_name is that of primary or standby, so its record would refer to itself; expected"
    " another one"
)
PORT: Final = "port is not a port; expected 1 to 65535"
LATCHED: Final = (
    "own_endpoints is true, and fail_back is latched, for which a watcher connects to AWS IoT; set"
    " fail_back to auto"
)
NO_ZONE: Final = "zone_id is null, and create_zone is false; pass it, or set create_zone"
SECOND_ZONE: Final = (
    "zone_id is given, and create_zone is true, which would make a second zone of the same name;"
    " remove one of the two"
)
ID: Final = "expected the id alone, Z and then capital letters and digits, without /hostedzone/"
DELEGATED: Final = (
    "delegate is true, and create_zone is false: a zone that exists is delegated already; remove"
    " one of the two"
)
NO_PARENT: Final = "parent_zone_id is null, and delegate is true; pass it, or leave delegate out"
IDLE_PARENT: Final = "parent_zone_id is given, and delegate is false; set delegate, or remove it"
TABLE: Final = "is not allowed; expected the name of a table: 3 to 255 letters, digits, _, . and -"
NOT_OWN: Final = (
    "regions lacks this region, which would then neither send nor apply changes; expected all"
    " regions of the environment"
)
KEYS: Final = (
    "copied_keys has a duplicate, no key, or more than 1000; expected 1 to 1000 different keys"
)
KEY: Final = (
    "copied_keys has a key that is none; expected letters, digits and _.!'()/-, as S3 has them"
)
REPLICAS: Final = "expected 1 to 4 different regions"
REPLICA: Final = f"replica_regions has a region without IoT Core; expected {REGIONS}"
OWN_REPLICA: Final = "replica_regions has the region of the tables themselves; remove it"
NO_REGION: Final = f"is not a region with IoT Core; expected {REGIONS}"
ONE_REGION: Final = "standby_region is the home region; expected another one"
OTHERS: Final = ("eu-central-1", "eu-north-1", "eu-west-2", "eu-west-3", "us-east-1")


def topic(name: str, region: str = "eu-west-1", account: str = ACCOUNT) -> dict[str, str]:
    return {"alarm_topic_arn": f"arn:aws:sns:{region}:{account}:{name}"}


def boundary(policy: str, account: str = ACCOUNT) -> dict[str, str]:
    return {"permissions_boundary_arn": f"arn:aws:iam::{account}:policy/{policy}"}


def certificate(name: str, region: str = "eu-west-1", *, create: bool = False) -> dict[str, object]:
    arn = f"arn:aws:acm:{region}:{ACCOUNT}:certificate/{name}"
    return {"create_certificate": create, "certificate_arn": arn}


LONG_DOMAIN: Final = f"{'a' * 60}.io"
TOO_LONG: Final = (
    "domain is too long for a certificate; expected 64 characters in"
    " *.iot-{environment}.{domain}, so make the domain or the environment shorter"
)


def zone(create: bool, zone_id: str | None) -> dict[str, object]:
    return {"create_zone": create, "zone_id": zone_id}


def parent(delegate: bool, parent_zone_id: str | None) -> dict[str, object]:
    return {"delegate": delegate, "parent_zone_id": parent_zone_id}


OWN: Final = {"own_endpoints": True, "fail_back": "auto"}
CASES: Final = module_cases(
    {
        "canary": (
            ({},),
            (topic("A_0-" + "a" * 252),),
            (topic("a" * 257), TOPIC),
            (topic(""), TOPIC),
            (topic("alarms:00000000-0000-4000-8000-000000000001"), TOPIC),
            (topic("alarms", account=ACCOUNT[1:]), TOPIC),
            (topic("alarms", "eu-west-2"), OTHER_TOPIC),
            (topic("alarms", "eu-west-11"), OTHER_TOPIC),
            ({**topic("alarms"), "region": "eu-west-2"}, OTHER_TOPIC, OTHER_NAME),
            ({"alarm_topic_arn": "alarms"}, TOPIC, OTHER_TOPIC),
            (boundary("boundary"),),
            (boundary("of/a/path/A_+=,.@-0"),),
            (boundary("a" * 576),),
            (boundary("a" * 577), BOUNDARY),
            (boundary(""), BOUNDARY),
            (boundary("a b"), BOUNDARY),
            (boundary("boundary", account=ACCOUNT[1:]), BOUNDARY),
            ({"permissions_boundary_arn": ""}, BOUNDARY),
            ({"permissions_boundary_arn": f"arn:aws:iam::{ACCOUNT}:role/a"}, BOUNDARY),
            ({"reserved_concurrency": None},),
            ({"reserved_concurrency": {"canary": None, "watcher": 1, "telemetry": 900}},),
            ({"reserved_concurrency": {"other": 1}}, RESERVED_FUNCTION),
            ({"reserved_concurrency": {"canary": 20.5}}, RESERVED_NUMBER),
            ({"regional_name": "a-eu-west-1.b"},),
            ({"regional_name": "mqtt.iot-dev.example.com"}, OTHER_NAME),
            ({"regional_name": "mqtt-eu-west-2.iot-dev.example.com"}, OTHER_NAME),
            ({"regional_name": "mqtt.a-eu-west-1.example.com"}, OTHER_NAME),
            ({"regional_name": "mqtteu-west-1.example.com"}, OTHER_NAME),
            ({"regional_name": "mqtt-eu-west-1.example.com."}, NAME),
            ({"regional_name": "mqtt-eu-west-1.Example.com"}, NAME),
            ({"regional_name": "mqtt-eu-west-1.a-.com"}, NAME),
            ({"regional_name": "mqtt-eu-west-1"}, NAME),
            ({"regional_name": ""}, NAME, OTHER_NAME),
        ),
        "regional-endpoint": (
            ({},),
            (certificate("0-aA"),),
            (certificate("a", "eu-west-2") | {"region": "eu-west-2"},),
            (certificate("a", "eu-west-2"), OTHER_CERTIFICATE),
            (certificate("a", "us-east-1", create=True), TWO_CERTIFICATES, OTHER_CERTIFICATE),
            (certificate("a", create=True), TWO_CERTIFICATES),
            ({"create_certificate": False}, NO_CERTIFICATE),
            (certificate(""), CERTIFICATE),
            (certificate("a/b"), CERTIFICATE),
            (certificate("a") | {"certificate_arn": "a"}, CERTIFICATE, OTHER_CERTIFICATE),
        ),
        "hosted-zone": (
            ({"zone_name": f"{'a' * 60}.b"},),
            ({"zone_name": f"{'a' * 61}.b"}, LONG_ZONE),
            ({"zone_name": "Example"}, NO_ZONE_NAME),
            (zone(create=True, zone_id=None),),
            (zone(create=False, zone_id="Z0"),),
            (zone(create=False, zone_id=None), NO_ZONE),
            (zone(create=True, zone_id="Z0"), SECOND_ZONE),
            (zone(create=False, zone_id="/hostedzone/Z0"), f"zone_id is not allowed; {ID}"),
            (
                zone(create=False, zone_id="Z" * 33),
                f"zone_id has more than 32 characters; {ID}",
                f"zone_id is not allowed; {ID}",
            ),
            (parent(delegate=True, parent_zone_id="Z0PARENT"),),
            (parent(delegate=True, parent_zone_id=None), NO_PARENT),
            (parent(delegate=False, parent_zone_id="Z0PARENT"), IDLE_PARENT),
            (
                parent(delegate=True, parent_zone_id="manual"),
                f"parent_zone_id is not allowed; {ID}",
            ),
            (
                {**zone(create=False, zone_id="Z0"), **parent(delegate=True, parent_zone_id="Z1")},
                DELEGATED,
            ),
        ),
        "telemetry": (
            ({"device_state_table": "aZ0_.-"},),
            ({"device_state_table": "a" * 3},),
            ({"device_state_table": "a" * 255},),
            ({"device_state_table": "a" * 2}, f"device_state_table {TABLE}"),
            ({"device_state_table": "a" * 256}, f"device_state_table {TABLE}"),
            ({"device_state_table": "table/a"}, f"device_state_table {TABLE}"),
            (topic("alarms", "eu-west-2"), OTHER_TOPIC),
        ),
        "device-registry": (
            ({"device_registry_table": "a" * 255},),
            ({"device_registry_table": "a" * 256}, f"device_registry_table {TABLE}"),
            ({"device_registry_table": "a:b"}, f"device_registry_table {TABLE}"),
            ({"regions": ["eu-central-1", "eu-west-1"]},),
            (
                {"regions": ["eu-central-1", "eu-west-2"]},
                NOT_OWN,
            ),
        ),
        "device-data": (
            ({"replica_regions": OTHERS[:1]},),
            ({"replica_regions": OTHERS[:4]},),
            (
                {"replica_regions": OTHERS},
                f"replica_regions is a list of another length; {REPLICAS}",
            ),
            ({"replica_regions": []}, f"replica_regions is a list of another length; {REPLICAS}"),
            (
                {"replica_regions": OTHERS[:2] * 2},
                f"replica_regions has a region twice; {REPLICAS}",
            ),
            ({"replica_regions": ["eu-west-4"]}, REPLICA),
            ({"replica_regions": ["eu-central-1", None]}, REPLICA),
            ({"replica_regions": ["eu-central-1", "eu-west-1"]}, OWN_REPLICA),
            ({"replica_regions": ["eu-west-1"], "region": "eu-west-2"},),
        ),
        "state-backend": (
            ({"copied_keys": ["a" * 1024]},),
            ({"copied_keys": ["a" * 1025]}, KEY),
            ({"copied_keys": ["aZ0_.!'()/-"]},),
            ({"copied_keys": ["a", "a b"]}, KEY),
            ({"copied_keys": [""]}, KEY),
            ({"copied_keys": ["a*"]}, KEY),
            ({"copied_keys": ["a", None]}, KEY),
            ({"copied_keys": list(map(str, range(1000)))},),
            ({"copied_keys": list(map(str, range(1001)))}, KEYS),
            ({"copied_keys": []}, KEYS),
            ({"copied_keys": ["a", "a"]}, KEYS),
            ({"home_region": "eu-west-4"}, f"home_region {NO_REGION}"),
            ({"standby_region": ""}, f"standby_region {NO_REGION}"),
            ({"standby_region": "eu-west-1"}, ONE_REGION),
            ({"standby_region": "eu-west-1", "home_region": "eu-central-1"},),
        ),
        "entry-point": (
            ({"device_name": "things.iot-dev.example.com"},),
            ({"device_name": "b.a.org", "zone_name": "a.org", **OWN},),
            ({"device_name": "a.b.iot-dev.example.com"}, DEVICE_NAME),
            ({"device_name": "iot-dev.example.com"}, DEVICE_NAME),
            ({"device_name": "mqtt-eu-west-1.iot-dev.example.com"}, REGIONAL, ITSELF),
            ({"device_name": "mqtt-eu-west-2.iot-dev.example.com"}, REGIONAL),
            ({"device_name": "things-eu-west-2.iot-dev.example.com"},),
            ({"port": 443},),
            ({"tags": {"Team": "iot"}},),
            ({"port": 0}, PORT),
            ({"own_endpoints": True}, LATCHED),
            ({"primary_region": None},),
            ({"primary_region": "eu-west-1"},),
            ({"primary_region": "eu-central-1"},),
            (
                {"primary_region": "eu-west-2"},
                "primary_region is not among the regions; expected that of primary or of standby",
            ),
            (
                {"primary_region": ""},
                "primary_region is not among the regions; expected that of primary or of standby",
                f"primary_region {NO_REGION}",
            ),
        ),
        "platform": (
            ({"primary_region": None},),
            ({"primary_region": "eu-west-1"},),
            ({"primary_region": "eu-central-1"},),
            (
                {"primary_region": "eu-west-2"},
                "primary_region is not among the regions; expected home_region or standby_region",
            ),
            ({"standby_region": "eu-west-1"}, ONE_REGION),
            (zone(create=False, zone_id=None), NO_ZONE),
            (zone(create=False, zone_id="Z0"),),
            ({"domain": LONG_DOMAIN}, TOO_LONG),
            ({"domain": LONG_DOMAIN, "zone_name": "devices.example.org"},),
        ),
    }
)


@pytest.fixture(scope="module")
def said(judge: Judge) -> dict[ModuleCase, tuple[str, ...]]:
    return refusals(judge, CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_module_refuses_in_a_sentence_what_breaks_a_rule_and_nothing_else(
    case: ModuleCase, said: dict[ModuleCase, tuple[str, ...]]
) -> None:
    assert said[case] == case.refusals


def test_there_is_a_case_for_all_that_can_be_said_of_what_is_handed_over() -> None:
    of_handed = {
        sentence
        for variable, sentences in sentences_by_variable().items()
        if variable not in {"primary", "standby"}
        for sentence in sentences
    }
    assert of_handed - {sentence for case in CASES for sentence in case.refusals} == set()
