"""Valid and invalid values of every setting."""

from pathlib import Path
from typing import get_args

import pytest
from pydantic import ValidationError

from environments.blocks import FunctionName
from environments.errors import ABSENT
from environments.loader import parse
from environments.settings import CreatedZone, ExistingZone, Settings, State
from tests.environments.files import VALID, mistakes, only_mistake, with_line

SETTINGS = parse(VALID.encode(), "dev")
LONG = "a" * 63
ARABIC_ONES = "\u0661" * 12

# The line that is replaced, its text, then key, value and message of the one mistake there.
WRONG = [
    (1, "project: 7", "project", 7, "is not a string; expected it in quotes"),
    (1, "project: true", "project", True, "is not a string; expected it in quotes"),
    (1, "project: null", "project", None, "is not a string"),
    (1, "project: [a]", "project", ["a"], "is not a string"),
    (1, "project: Example", "project", "Example", "a lower-case letter"),
    (1, "project: example-", "project", "example-", "no hyphen last"),
    (1, f"project: {'a' * 21}", "project", "a" * 21, "at most 20 characters"),
    (2, "environment: prod", "environment", "prod", "is not the name of the file; expected dev"),
    (2, "environment: all", "environment", "all", "not all"),
    (2, "environment: 1", "environment", 1, "is not a string"),
    (3, "domain: 5", "domain", 5, "is not a string"),
    (3, "domain: localhost", "domain", "localhost", "two labels or more"),
    (3, "domain: Example.com", "domain", "Example.com", "lower-case"),
    (3, "domain: example.com.", "domain", "example.com.", "without a dot"),
    (3, "domain: a..com", "domain", "a..com", "DNS name"),
    (3, "domain: -a.com", "domain", "-a.com", "DNS name"),
    (3, "domain: a_b.com", "domain", "a_b.com", "DNS name"),
    (3, "domain: 10.0.0.1", "domain", "10.0.0.1", "DNS name"),
    (3, "domain: münchen.de", "domain", "münchen.de", "DNS name"),
    (3, f"domain: {LONG}a.com", "domain", f"{LONG}a.com", "at most 64 characters"),
    (
        3,
        f"domain: {'a' * 51}.com",
        "domain",
        f"{'a' * 51}.com",
        "has 65 characters; expected at most 64",
    ),
    (4, "account_id: 111111111111", "account_id", 111111111111, "expected it in quotes"),
    (4, 'account_id: "11111111111"', "account_id", "11111111111", "12 digits"),
    (4, 'account_id: "1111111111111"', "account_id", "1111111111111", "12 digits"),
    (4, 'account_id: "11111111111x"', "account_id", "11111111111x", "12 digits"),
    (4, f'account_id: "{ARABIC_ONES}"', "account_id", ARABIC_ONES, "12 digits"),
    (5, "deploy_role_arn: deploy", "deploy_role_arn", "deploy", "the ARN of an IAM role"),
    (
        5,
        "deploy_role_arn: arn:aws:iam::222222222222:role/deploy",
        "deploy_role_arn",
        "arn:aws:iam::222222222222:role/deploy",
        "another account; expected a role of 111111111111",
    ),
    (6, "home_region: mars-1", "home_region", "mars-1", "not a region with IoT Core"),
    (6, "home_region: eu-north-1", "home_region", "eu-north-1", "expected eu-west-1, eu-central-1"),
    (6, "home_region: 3", "home_region", 3, "is not a string"),
    (7, "primary_region: eu-wst-1", "primary_region", "eu-wst-1", "did you mean 'eu-west-1'?"),
    (7, "primary_region: eu-north-1", "primary_region", "eu-north-1", "is not among the regions"),
    (8, "regions: eu-west-1", "regions", "eu-west-1", "is not a list"),
    (8, "regions: {a: b}", "regions", {"a": "b"}, "is not a list"),
    (8, "regions: [eu-west-1]", "regions", ["eu-west-1"], "2 to 5 different regions"),
    (8, "regions: [eu-west-1, eu-west-1]", "regions[1]", "eu-west-1", "it is already regions[0]"),
    (8, "regions: [eu-west-1, eu-sentral-1]", "regions[1]", "eu-sentral-1", "'eu-central-1'?"),
    (8, "regions: [eu-west-1, mars]", "regions[1]", "mars", "expected ap-east-1, ap-northeast-1"),
    (8, "regions: [eu-west-1, 5]", "regions[1]", 5, "is not a region with IoT Core"),
    (13, "leaving_regions: eu-north-1", "leaving_regions", "eu-north-1", "is not a list"),
    (
        13,
        "leaving_regions: [eu-nort-1]",
        "leaving_regions[0]",
        "eu-nort-1",
        "did you mean 'eu-north-1'?",
    ),
    (
        13,
        "leaving_regions: [eu-north-1, eu-north-1]",
        "leaving_regions[1]",
        "eu-north-1",
        "it is already leaving_regions[0]",
    ),
    (
        13,
        "leaving_regions: [eu-central-1]",
        "leaving_regions[0]",
        "eu-central-1",
        "is also in regions",
    ),
    (
        13,
        "leaving_regions: [eu-west-1]",
        "leaving_regions[0]",
        "eu-west-1",
        "is also in regions; expected",
    ),
    (
        13,
        "leaving_regions: [eu-north-1, us-east-2, ap-south-1, sa-east-1]",
        "leaving_regions",
        ["eu-north-1", "us-east-2", "ap-south-1", "sa-east-1"],
        "is a list of 4; expected 0 to 3 different regions",
    ),
    (9, "zone: Z0EXAMPLE", "zone", "Z0EXAMPLE", "expected {create: true, delegation: ...}, {id"),
    (9, "zone: {create: false}", "zone.create", False, "{lookup: true} for an existing zone"),
    (9, "zone: {create: 1}", "zone.create", 1, "is not a boolean"),
    (9, "zone: {delegation: none}", "zone.delegation", "none", "manual, or the id"),
    (9, "zone: {id: /hostedzone/Z0A}", "zone.id", "/hostedzone/Z0A", "without /hostedzone/"),
    (9, "zone: {id: 5}", "zone.id", 5, "is not a string"),
    (9, "zone: {id: Z0A, create: true}", "zone", {"id": "Z0A", "create": True}, "is not a zone"),
    (9, "zone: {lookup: false}", "zone.lookup", False, "expected true, or zone: {create: true}"),
    (9, "zone: {lookup: example.com}", "zone.lookup", "example.com", "is not a boolean"),
    (9, "zone: {lookup: true, id: Z0A}", "zone", {"lookup": True, "id": "Z0A"}, "or {lookup"),
    (
        9,
        "zone: {create: true, lookup: true}",
        "zone",
        {"create": True, "lookup": True},
        "expected {create: true, delegation: ...}, {id: Z...} or {lookup: true}",
    ),
    (9, "zone: {id: Z0A, ids: Z0B}", "zone.ids", ABSENT, "did you mean 'id'?"),
    (10, "endpoint: mqtt", "endpoint", "mqtt", "is not a mapping"),
    (10, "endpoint: {label: -mqtt}", "endpoint.label", "-mqtt", "no hyphen first or last"),
    (10, "endpoint: {label: mqtt-}", "endpoint.label", "mqtt-", "no hyphen first or last"),
    (10, "endpoint: {label: a.b}", "endpoint.label", "a.b", "one DNS label"),
    (10, "endpoint: {label: MQTT}", "endpoint.label", "MQTT", "one DNS label"),
    (10, 'endpoint: {label: ""}', "endpoint.label", "", "1 to 48 characters"),
    (10, "endpoint: {label: gerät}", "endpoint.label", "gerät", "punycode"),
    (10, f"endpoint: {{label: {LONG}}}", "endpoint.label", LONG, "has 63 characters"),
    (10, f"endpoint: {{label: {'a' * 49}}}", "endpoint.label", "a" * 49, "fits into 63"),
    (10, "endpoint: {ttl: 0}", "endpoint.ttl", 0, "expected 1 to 3600 seconds"),
    (10, "endpoint: {ttl: 3601}", "endpoint.ttl", 3601, "expected 1 to 3600 seconds"),
    (10, "endpoint: {ttl: -60}", "endpoint.ttl", -60, "expected 1 to 3600 seconds"),
    (10, 'endpoint: {ttl: "60"}', "endpoint.ttl", "60", "digits without quotes"),
    (10, "endpoint: {ttl: 60.0}", "endpoint.ttl", "60.0", "is not an integer"),
    (10, "endpoint: {ttl: true}", "endpoint.ttl", True, "is not an integer"),
    (
        10,
        "endpoint: {tls_policy: IoTSecurityPolicy_TLS12_1_0_2016_01}",
        "endpoint.tls_policy",
        "IoTSecurityPolicy_TLS12_1_0_2016_01",
        "accepts TLS 1.0 or 1.1",
    ),
    (
        10,
        "endpoint: {tls_policy: TLS1.2}",
        "endpoint.tls_policy",
        "TLS1.2",
        "IoTSecurityPolicy_TLS13_1_2_2022_10 or IoTSecurityPolicy_TLS12_1_2_2022_10",
    ),
    (11, "health: {mode: tcp}", "health.mode", "tcp", "expected deep or shallow"),
    (11, "health: {mode: shallow, interval: 20}", "health.interval", 20, "expected 10 or 30"),
    (11, 'health: {mode: shallow, interval: "30"}', "health.interval", "30", "expected 10 or 30"),
    (11, "health: {mode: shallow, threshold: 0}", "health.threshold", 0, "1 to 10 checks"),
    (11, "health: {mode: shallow, threshold: 11}", "health.threshold", 11, "1 to 10 checks"),
    (12, "state: {}", "state.bucket_prefix", ABSENT, "is missing"),
    (12, "state: {bucket_prefix: a.b}", "state.bucket_prefix", "a.b", "no dot"),
    (12, "state: {bucket_prefix: A}", "state.bucket_prefix", "A", "a-z, 0-9 and hyphens"),
    (12, "state: {bucket_prefix: -a}", "state.bucket_prefix", "-a", "a letter or digit first"),
    (12, "state: {bucket_prefix: xn--a}", "state.bucket_prefix", "xn--a", "S3 reserves"),
    (
        12,
        f"state: {{bucket_prefix: {'a' * 45}}}",
        "state.bucket_prefix",
        "a" * 45,
        "at most 44, because a bucket name with -dev-ap-northeast-1 has at most 63",
    ),
    (13, "tags: none", "tags", "none", "is not a mapping"),
    (13, "tags: {a: 1}", "tags.a", 1, "expected it in quotes"),
    (13, "tags: {AWS:owner: x}", "tags['AWS:owner']", "AWS:owner", "aws:"),
    (13, "tags: {a!: x}", "tags['a!']", "a!", "letters, digits, spaces"),
    (13, 'tags: {"": x}', "tags['']", "", "1 to 128"),
    (13, f"tags: {{{'k' * 129}: x}}", f"tags['{'k' * 56}...]", "k" * 129, "1 to 128"),
    (13, f"tags: {{k: {'v' * 257}}}", "tags.k", "v" * 257, "0 to 256"),
    (13, "tags: {k: 'a;b'}", "tags.k", "a;b", "letters, digits, spaces"),
    (13, "tag: {}", "tag", ABSENT, "did you mean 'tags'?"),
    (13, "something: else", "something", ABSENT, "expected project, environment, domain"),
    (13, "recovery: {rto: 0}", "recovery.rto", 0, "1 to 86400 seconds"),
    (13, "recovery: {fleet: 0}", "recovery.fleet", 0, "1 to 100000000 devices"),
    (13, "recovery: {connect_rate: 0}", "recovery.connect_rate", 0, "connects a second"),
    (13, "recovery: {backoff_ceiling: 3601}", "recovery.backoff_ceiling", 3601, "3600 seconds"),
    (13, "recovery: {fail_back: never}", "recovery.fail_back", "never", "latched or auto"),
    (13, "recovery: {target: 5}", "recovery.target", ABSENT, "expected rto, fleet, connect_rate"),
    (13, "suppressions: {}", "suppressions", {}, "is not a list"),
    (13, "suppressions: [x]", "suppressions[0]", "x", "is not a mapping"),
    (13, "suppressions: [{rule: x}]", "suppressions[0].reason", ABSENT, "is missing; expected why"),
    (13, "suppressions: [{rule: X, reason: y}]", "suppressions[0].rule", "X", "the id of a rule"),
    (13, 'suppressions: [{rule: x, reason: ""}]', "suppressions[0].reason", "", "a sentence"),
    (
        13,
        "suppressions: [{rule: x, why: y, reason: z}]",
        "suppressions[0].why",
        ABSENT,
        "is not a setting",
    ),
]


@pytest.mark.parametrize(("line", "text", "key", "value", "message"), WRONG)
def test_an_invalid_value_is_reported_with_line_key_and_what_is_expected(
    line: int, text: str, key: str, value: object, message: str
) -> None:
    mistake = only_mistake(with_line(line, text))
    assert (mistake.file, mistake.line, mistake.key) == ("environments/dev.yaml", line, key)
    assert mistake.value == value
    assert type(mistake.value) is type(value)
    assert message in mistake.message


@pytest.mark.parametrize(
    ("line", "key"),
    [
        (1, "project"),
        (3, "domain"),
        (4, "account_id"),
        (8, "regions"),
        (12, "state"),
    ],
)
def test_a_required_key_that_is_missing_is_reported(line: int, key: str) -> None:
    mistake = only_mistake(with_line(line, ""))
    assert (mistake.line, mistake.key, mistake.value) == (None, key, ABSENT)
    assert mistake.message.startswith("is missing; expected ")


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (4, 'account_id: "012345678901"'),
        (5, "deploy_role_arn: arn:aws:iam::111111111111:role/team/deploy"),
        (8, "regions: [us-east-1, eu-west-1, sa-east-1, il-central-1, me-south-1]"),
        (9, "zone: {create: true, delegation: Z0PARENT}"),
        (9, "zone: {id: Z0EXAMPLE}"),
        (9, "zone: {lookup: true}"),
        (9, "zone: {}"),
        (10, "endpoint: {label: xn--gert-loa, ttl: 1}"),
        (10, f"endpoint: {{label: {'a' * 48}, ttl: 3600}}"),
        (3, f"domain: {'a' * 50}.com"),
        (12, f"state: {{bucket_prefix: {'a' * 44}}}"),
        (13, "tags: {Kostenstelle: Zürich 4/a+b@c, empty: ''}"),
        (13, "leaving_regions: []"),
        (13, "leaving_regions: [eu-north-1, us-east-2, ap-south-1]"),
    ],
)
def test_a_value_at_the_edge_of_what_is_allowed_is_taken(line: int, text: str) -> None:
    assert mistakes(with_line(line, text)) == ()


def test_optional_keys_have_the_documented_defaults() -> None:
    assert parse(_only_with("[eu-west-1, eu-central-1]"), "dev") == SETTINGS


@pytest.mark.parametrize(
    ("regions", "primary", "home_and_primary"),
    [
        ("[us-east-1, us-west-2]", "", ("us-east-1", "us-east-1")),
        ("[us-east-1, us-west-2]", "us-west-2", ("us-east-1", "us-west-2")),
        ("[eu-central-1, eu-west-1]", "", ("eu-west-1", "eu-west-1")),
    ],
    ids=["the first region", "a variable changes the primary only", "eu-west-1 if listed"],
)
def test_home_and_primary_follow_from_the_regions_if_the_file_names_neither(
    regions: str, primary: str, home_and_primary: tuple[str, str]
) -> None:
    settings = parse(_only_with(regions), "dev", primary)
    assert (settings.home_region, settings.primary_region) == home_and_primary


@pytest.mark.parametrize("regions", ["[mars-1, us-west-2]", "[us-east-1]", "[]", "us-east-1", "3"])
def test_wrong_regions_are_not_reported_again_as_home_and_primary(regions: str) -> None:
    assert {mistake.key.partition("[")[0] for mistake in mistakes(_only_with(regions))} == {
        "regions"
    }


def _only_with(regions: str) -> bytes:
    """Return a file with the required keys alone."""
    text = with_line(8, f"regions: {regions}")
    return "\n".join(text.splitlines()[line - 1] for line in (1, 2, 3, 4, 8, 12)).encode()


def test_more_than_forty_tags_or_five_regions_are_refused() -> None:
    tags = "tags: {" + ", ".join(f"k{n}: v" for n in range(41)) + "}"
    assert only_mistake(with_line(13, tags)).message == "has 41 tags; expected at most 40"
    six = "regions: [eu-west-1, eu-west-2, eu-west-3, eu-north-1, eu-south-1, past-the-end-1]"
    assert "is a list of 6" in only_mistake(with_line(8, six)).message


def test_names_follow_from_the_settings() -> None:
    assert SETTINGS.zone_name == "iot-dev.example.com"
    assert SETTINGS.device_name == "mqtt.iot-dev.example.com"
    assert SETTINGS.regional_name("eu-central-1") == "mqtt-eu-central-1.iot-dev.example.com"
    assert SETTINGS.state_bucket("eu-west-1") == "example-iot-dev-eu-west-1"


def test_the_primary_leads_and_the_others_follow_in_the_order_of_the_file() -> None:
    regions = with_line(8, "regions: [eu-west-1, eu-north-1, eu-west-2]")
    settings = parse(regions.encode(), "dev", "eu-north-1")
    assert settings.failover_order == ("eu-north-1", "eu-west-1", "eu-west-2")
    assert settings.standbys == ("eu-west-1", "eu-west-2")
    assert [settings.role(region) for region in settings.regions] == [
        "standby",
        "primary",
        "standby",
    ]


def test_a_switch_has_two_alarm_regions_for_any_primary_the_first_standby_among_them() -> None:
    regions = ("eu-west-1", "eu-north-1", "eu-west-2", "eu-west-3", "eu-central-1")
    text = with_line(8, f"regions: [{', '.join(regions)}]").encode()
    for primary in regions:
        settings = parse(text, "dev", primary)
        assert settings.standbys[0] in settings.alarm_regions(primary)
        assert [settings.alarm_regions(region) for region in regions] == [
            ("eu-north-1", "eu-west-2"),
            ("eu-west-1", "eu-west-2"),
            ("eu-west-1", "eu-west-3"),
            ("eu-west-1", "eu-central-1"),
            ("eu-west-1", "eu-north-1"),
        ]


def test_with_two_regions_each_keeps_the_others_switch() -> None:
    assert [SETTINGS.alarm_regions(region) for region in SETTINGS.regions] == [
        ("eu-central-1",),
        ("eu-west-1",),
    ]


def test_a_region_of_another_environment_raises_an_error() -> None:
    for asked in (
        SETTINGS.role,
        SETTINGS.regional_name,
        SETTINGS.state_bucket,
        SETTINGS.alarm_regions,
    ):
        with pytest.raises(ValueError, match="'us-east-1' is not a region of dev"):
            asked("us-east-1")


def test_a_leaving_region_only_keeps_its_state_bucket_and_name() -> None:
    leaving = parse(with_line(13, "leaving_regions: [eu-north-1]").encode(), "dev")
    assert leaving.state_buckets == {
        **SETTINGS.state_buckets,
        "eu-north-1": "example-iot-dev-eu-north-1",
    }
    assert leaving.failover_order == SETTINGS.failover_order
    assert leaving.regional_name("eu-north-1") == "mqtt-eu-north-1.iot-dev.example.com"
    for asked in (leaving.role, leaving.alarm_regions):
        with pytest.raises(ValueError, match="'eu-north-1' is not a region of dev"):
            asked("eu-north-1")


@pytest.mark.parametrize(
    "key", ["home_region", "primary_region", "handover_region", "certificate_region"]
)
def test_home_and_primary_cannot_leave_nor_can_the_region_of_the_copies(key: str) -> None:
    text = with_line(13, "leaving_regions: [eu-north-1]").replace(f"{key}: eu-west-1\n", "")
    mistake = only_mistake(f"{text}{key}: eu-north-1\n")
    assert mistake.key == key
    assert "is not among the regions" in mistake.message


def test_nothing_in_settings_can_be_changed() -> None:
    settings = parse(with_line(13, "tags: {a: b}").encode(), "dev")
    with pytest.raises(ValidationError):
        settings.domain = "example.org"  # pyrefly: ignore[read-only] - the point
    with pytest.raises(ValidationError):
        settings.endpoint.ttl = 5  # pyrefly: ignore[read-only] - the point
    with pytest.raises(TypeError):
        settings.tags["a"] = "c"  # pyrefly: ignore[unsupported-operation] - the point
    assert settings.model_dump()["tags"] == {"a": "b"}


def test_settings_can_be_made_without_a_file() -> None:
    settings = Settings(
        project="example",
        environment="dev",
        domain="example.com",
        account_id="111111111111",
        regions=("eu-west-1", "eu-central-1"),
        zone=ExistingZone(id="Z0EXAMPLE"),
        state=State(bucket_prefix="example-iot"),
    )
    assert settings.zone == ExistingZone(id="Z0EXAMPLE")
    assert SETTINGS.zone == CreatedZone(create=True, delegation="manual")


def test_a_set_of_regions_is_refused_because_it_is_unordered() -> None:
    with pytest.raises(ValidationError, match="is not a list"):
        Settings.model_validate(SETTINGS.model_dump() | {"regions": {"eu-west-1", "mars-1"}})


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        ("{canary: 0}", "reserved_concurrency.canary", "1 to 10000 executions"),
        ("{canary: 1.5}", "reserved_concurrency.canary", "not an integer"),
        ("{other: 1}", "reserved_concurrency.other", "canary"),
        ("7", "reserved_concurrency", ""),
    ],
)
def test_a_reservation_of_no_function_or_of_no_number_is_refused(
    text: str, key: str, expected: str
) -> None:
    mistake = only_mistake(f"{VALID}reserved_concurrency: {text}\n")
    assert mistake.key == key
    assert expected in mistake.message


def test_each_function_of_the_platform_has_a_reservation() -> None:
    handlers = (Path(__file__).parents[2] / "functions").glob("*/handler.py")
    assert set(get_args(FunctionName)) == {file.parent.name for file in handlers}
