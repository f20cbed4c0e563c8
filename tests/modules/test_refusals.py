"""A module refuses a wrong input at once and names it; values that Terraform fills in pass."""

from collections.abc import Callable
from typing import Any

import pytest
from cdktf import TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider

from modules.calculated_health_check import CalculatedHealthCheck, CalculatedHealthCheckInputs
from modules.certificate import Certificate, CertificateInputs
from modules.closed_bucket import ClosedBucket, ClosedBucketInputs
from modules.context import Context
from modules.deep_health import DeepHealthCheck, DeepHealthCheckInputs
from modules.device_policy import DevicePolicy, DevicePolicyInputs
from modules.entry_point import EntryPoint, EntryPointInputs, EntryRegion
from modules.function import Function, FunctionInputs, FunctionOutputs
from modules.health_api import HealthApi, HealthApiInputs
from modules.hosted_zone import HostedZone, HostedZoneInputs
from modules.inputs import InputError
from modules.module import Module
from modules.provisioning_template import ProvisioningTemplate, ProvisioningTemplateInputs
from modules.queue import QueueOutputs
from modules.regional_endpoint import RegionalEndpoint, RegionalEndpointInputs
from modules.state_bucket import StateBucket, StateBucketInputs
from modules.stream_consumer import StreamConsumer, StreamConsumerInputs
from modules.switch import Switch, SwitchInputs
from modules.tcp_health_check import TcpHealthCheck, TcpHealthCheckInputs
from modules.telemetry_stream import TelemetryStreamOutputs
from modules.topic_rule import TopicRule, TopicRuleInputs
from modules.watcher import WatchedRegion, Watcher, WatcherInputs
from tests.support.synthesis import empty_stack

Inputs = dict[str, Any]

CONTEXT = Context(project="example", environment="dev", region="eu-west-1", extra_tags={})
WEST = WatchedRegion("eu-west-1", "mqtt-eu-west-1.iot-dev.example.com", "a")
CENTRAL = WatchedRegion("eu-central-1", "mqtt-eu-central-1.iot-dev.example.com", "b")
REGION = EntryRegion(
    regional_name=WEST.name, primary_check_id="deep", standby_check_id="tcp", last_check_id="tcp"
)
FUNCTION: Inputs = {
    "context": CONTEXT,
    "package": "canary",
    "slot": "canary",
    "name": "canary",
    "role_name": "canary",
    "description": "",
    "variables": {},
    "statements": [],
    "timeout": 3,
    "memory": 512,
    "reserved_concurrency": 20,
}
FUNCTION_OUTPUTS = FunctionOutputs(name="x", arn="arn", invoke_arn="arn", dependencies=())
QUEUE = QueueOutputs(name="lost", arn="arn", url="https://sqs")
LONG_ZONE = f"iot-dev.{'a' * 51}.com"

VALID: dict[type[Module], tuple[Callable[..., Any], Inputs]] = {
    HostedZone: (HostedZoneInputs, {"zone_name": "iot-dev.example.com"}),
    Certificate: (CertificateInputs, {"zone_name": "iot-dev.example.com", "timeout_minutes": 45}),
    TcpHealthCheck: (
        TcpHealthCheckInputs,
        {"name": "check", "regional_name": "mqtt-eu-west-1.iot-dev.example.com"}
        | {"interval": 30, "threshold": 3, "slot": "eu_west_1"},
    ),
    CalculatedHealthCheck: (
        CalculatedHealthCheckInputs,
        {"name": "check", "slot": "calculated", "children": ["deep", "switch"]},
    ),
    Function: (FunctionInputs, FUNCTION),
    Watcher: (
        WatcherInputs,
        {"context": CONTEXT, "account_id": "111111111111", "primary": WEST, "own": CENTRAL}
        | {"earlier": (), "device_name": "mqtt.iot-dev.example.com", "ttl": 60}
        | {"regions": (WEST, CENTRAL), "mode": "deep", "interval": 30, "threshold": 3}
        | {"slot": "watcher", "topic_arn": "arn"},
    ),
    RegionalEndpoint: (
        RegionalEndpointInputs,
        {
            "context": CONTEXT,
            "zone_id": "Z1",
            "device_name": "mqtt.iot-dev.example.com",
            "regional_name": "mqtt-eu-west-1.iot-dev.example.com",
            "certificate_arn": "arn",
            "tls_policy": "IoTSecurityPolicy_TLS13_1_2_2022_10",
            "ttl": 60,
        },
    ),
    EntryPoint: (
        EntryPointInputs,
        {"zone_id": "Z1", "zone_name": "iot-dev.example.com", "label": "mqtt", "ttl": 60}
        | {"regions": [REGION, REGION]},
    ),
    DevicePolicy: (DevicePolicyInputs, {"context": CONTEXT, "account_id": "111111111111"}),
    ClosedBucket: (
        ClosedBucketInputs,
        {"bucket_name": "example-iot-dev", "slot": "x", "prevent_destroy": True},
    ),
    StateBucket: (StateBucketInputs, {"bucket_name": "example-iot-dev", "slot": "eu_west_1"}),
    ProvisioningTemplate: (
        ProvisioningTemplateInputs,
        {"context": CONTEXT, "account_id": "111111111111", "name": "x" * 36, "type": "JITP"}
        | {"role_name": "x", "device_policy": "x", "topic_arn": "arn"},
    ),
    StreamConsumer: (
        StreamConsumerInputs,
        {"slot": "x", "stream_arn": "arn", "failed": QUEUE, "batch_size": 100}
        | {"batching_window": 1, "parallelization_factor": 1}
        | {"function": FUNCTION_OUTPUTS, "maximum_record_age": 60},
    ),
    TopicRule: (
        TopicRuleInputs,
        {"context": CONTEXT, "account_id": "111111111111", "slot": "x", "name": "x" * 128}
        | {"role_name": "x", "description": "", "sql": "SELECT * FROM 'x'", "error_queue": QUEUE}
        | {"stream": TelemetryStreamOutputs(name="x", arn="arn"), "partition_key": "x"},
    ),
}

WRONG: list[tuple[type[Module], str, object, str]] = [
    (HostedZone, "zone_name", "com", "two labels"),
    (HostedZone, "zone_name", "iot-dev.example.com.", "without a dot at its end"),
    (Certificate, "zone_name", LONG_ZONE, "at most 64 characters"),
    (Certificate, "timeout_minutes", 0, "1 or more"),
    (TcpHealthCheck, "interval", 20, "10 or 30"),
    (TcpHealthCheck, "threshold", 0, "1 to 10"),
    (TcpHealthCheck, "threshold", 11, "1 to 10"),
    (CalculatedHealthCheck, "children", ["deep"], "2 to 255 checks"),
    (Function, "timeout", 0, "1 to 900 seconds"),
    (Function, "timeout", 901, "1 to 900 seconds"),
    (Watcher, "own", WEST, "another region than the watched one"),
    (RegionalEndpoint, "regional_name", "mqtt.iot-dev.example.com", "another name"),
    (RegionalEndpoint, "ttl", -5, "0 to 2147483647 seconds"),
    (EntryPoint, "ttl", -5, "0 to 2147483647 seconds"),
    (EntryPoint, "ttl", 2**31, "0 to 2147483647 seconds"),
    (EntryPoint, "regions", [REGION], "2 to 5 regions"),
    (EntryPoint, "regions", [REGION] * 6, "2 to 5 regions"),
    (EntryPoint, "label", "", "apex"),
    (EntryPoint, "label", "a.b", "one DNS label"),
    (DevicePolicy, "account_id", "1234", "12 digits"),
    (DevicePolicy, "account_id", "11111111111x", "12 digits"),
    (ClosedBucket, "bucket_name", "ab", "3 to 63"),
    (ClosedBucket, "bucket_name", "a" * 64, "3 to 63"),
    (ProvisioningTemplate, "name", "x" * 37, "36 characters at most"),
    (StreamConsumer, "maximum_record_age", 59, "60 to 604800 seconds"),
    (StreamConsumer, "maximum_record_age", 604_801, "60 to 604800 seconds"),
    (TopicRule, "name", "x" * 129, "128 characters at most"),
]


def make(module: Any, **changes: object) -> TerraformStack:
    """Put a module with valid inputs, but for the changes, into a stack of its own."""
    stack = empty_stack()
    provider = AwsProvider(stack, "aws", alias="eu_west_1", region="eu-west-1")
    inputs, valid = VALID[module]
    module(stack, "module", inputs(provider=provider, **{**valid, **changes}))
    return stack


@pytest.mark.parametrize("module", VALID, ids=lambda module: module.__name__)
def test_the_valid_inputs_that_each_refusal_departs_from_are_accepted(module: type[Module]) -> None:
    assert make(module).node.find_child("module")


@pytest.mark.parametrize(("module", "name", "value", "expected"), WRONG)
def test_a_wrong_input_is_refused_by_module_name_and_what_would_be_right(
    module: type[Module], name: str, value: object, expected: str
) -> None:
    with pytest.raises(InputError) as refusal:
        make(module, **{name: value})
    text = str(refusal.value)
    assert text.startswith(f"{module.__name__}: {name} is ")
    assert expected in text


@pytest.mark.parametrize(("frequency", "name"), [((20, 3), "interval"), ((30, 11), "threshold")])
def test_the_deep_check_refuses_what_route_53_would(frequency: tuple[int, int], name: str) -> None:
    stack = empty_stack()
    provider = AwsProvider(stack, "aws", alias="eu_west_1", region="eu-west-1")
    function = Function(stack, "function", FunctionInputs(provider=provider, **FUNCTION)).outputs
    inputs = HealthApiInputs(
        provider=provider, context=CONTEXT, function=function, topic_arn="arn:aws:sns:::alarms"
    )
    api = HealthApi(stack, "api", inputs)
    interval, threshold = frequency
    check = DeepHealthCheckInputs(
        provider=provider, name="deep", api=api.outputs, interval=interval, threshold=threshold
    )
    with pytest.raises(InputError, match=f"DeepHealthCheck: {name} is "):
        DeepHealthCheck(stack, "check", check)


def test_a_switch_in_its_own_region_is_refused() -> None:
    stack = empty_stack()
    provider = AwsProvider(stack, "aws", alias="eu_west_1", region="eu-west-1")
    inputs = SwitchInputs(
        alarm_provider=provider,
        check_provider=provider,
        context=CONTEXT,
        region="eu-west-1",
        alarm_region="eu-west-1",
        alarm_slot="switch_in_eu_west_1",
        slot="switch",
        topic_arn="arn",
    )
    with pytest.raises(InputError, match="another region than the one that is switched"):
        Switch(stack, "switch", inputs)


def test_a_value_that_terraform_fills_in_is_not_refused() -> None:
    account = "${data.aws_caller_identity.current.account_id}"
    assert make(DevicePolicy, account_id=account).node.find_child("module")
