"""What the stacks with the data of devices hold (ADR 0021, ADR 0022)."""

from collections.abc import Iterator
from dataclasses import replace

from modules.context import rule_name
from modules.registry_trail import trail_bucket_name
from stacks.provisioning_names import claim_policy_name, role_name, template_name
from stacks.rights.estate import Estate
from stacks.rights.held import Held
from stacks.rights.parts import BUCKET_TYPES, LAMBDA, alarms, function, permission, role

_IOT = ("iot.amazonaws.com",)
_TABLES = ("device-state", "device-registry")
_RECONCILE = "registry-reconcile"
_FUNCTIONS = ("registry-capture", "registry-apply", _RECONCILE)
_QUEUES = (
    *("registry-changes", "registry-shadows", "registry-retry", "registry-reconcile"),
    "registry-parked",
)


def data(estate: Estate) -> Iterator[Held]:
    """The tables, which home owns, and their replicas."""
    names = tuple(map(estate.context.name, _TABLES))
    yield Held(type="aws_dynamodb_table", region=estate.home, names=names)
    for region in estate.regions:
        if region != estate.home:
            yield Held(type="aws_dynamodb_table_replica", region=region, names=names)


def telemetry(estate: Estate, region: str) -> Iterator[Held]:
    """What takes in the messages of a region's devices, up to the table."""
    name = estate.context.name
    yield Held(type="aws_kinesis_stream", region=region, names=(name("telemetry"),))
    yield from _queues(estate, region, "telemetry-failed", "telemetry-lost")
    yield from _readers(estate, region, "telemetry")
    yield from _rules(estate, region, "telemetry", f"telemetry-rule-{region}")
    yield from alarms(region, f"{name('telemetry')}-*")


def registry_functions(estate: Estate, region: str) -> Iterator[Held]:
    """What captures and applies the changes of a region's registry, and what calls it."""
    yield from _readers(estate, region, *_FUNCTIONS)
    yield from permission(estate, _RECONCILE, region)
    # It goes on by messages to itself, which Lambda would else take for an endless loop.
    own = (estate.context.name(_RECONCILE),)
    yield Held(type="aws_lambda_function_recursion_config", region=region, names=own)


def registry_events(estate: Estate, region: str) -> Iterator[Held]:
    """What tells of the changes of a region's registry, and where they wait."""
    name = estate.context.name
    yield from _queues(estate, region, *_QUEUES)
    yield from _rules(estate, region, "registry", f"registry-rule-{region}")
    yield Held(type="aws_iot_event_configurations", region=region)
    for type_ in ("aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"):
        yield Held(type=type_, region=region, names=(f"{name('registry')}*",))
    yield Held(type="aws_cloudtrail", region=region, names=(name("registry"),))
    bucket = (trail_bucket_name(estate.bucket_prefix, region),)
    for type_ in (*BUCKET_TYPES, "aws_s3_bucket_lifecycle_configuration"):
        yield Held(type=type_, region=region, names=bucket, is_disposable=True)
    # The replica of the own region, whose stream has a label that only it knows.
    table = name("device-registry")
    yield Held(type="aws_dynamodb_table", region=region, names=(table,), is_only_read=True)
    yield from alarms(region, f"{name('registry')}-*")


def provisioning(estate: Estate, region: str) -> Iterator[Held]:
    """What devices join by in a region, where they do."""
    if estate.provisioning is None:
        return
    context = replace(estate.context, region=region)
    template = (template_name(context),)
    yield Held(type="aws_iot_provisioning_template", region=region, names=template)
    yield from role(region, role_name(context), _IOT)
    if estate.provisioning == "fleet-provisioning":
        claim = (claim_policy_name(context),)
        yield Held(type="aws_iot_policy", region=region, names=claim)
    else:
        yield Held(type="aws_iot_ca_certificate", region=region)


def device_registry(estate: Estate, region: str) -> Iterator[Held]:
    """All that keeps a region's registry in step with the others', and by which devices join."""
    yield from registry_functions(estate, region)
    yield from registry_events(estate, region)
    yield from provisioning(estate, region)


def _queues(estate: Estate, region: str, *things: str) -> Iterator[Held]:
    yield Held(type="aws_sqs_queue", region=region, names=tuple(map(estate.context.name, things)))


def _readers(estate: Estate, region: str, *functions: str) -> Iterator[Held]:
    """Give functions with their roles, and what hands them records."""
    name = estate.context.name
    for what in functions:
        yield from function(estate, what, region)
        yield from role(region, name(f"{what}-{region}"), LAMBDA)
    mapping = "aws_lambda_event_source_mapping"
    yield Held(type=mapping, region=region, names=tuple(map(name, functions)))


def _rules(estate: Estate, region: str, what: str, taken_on: str) -> Iterator[Held]:
    """Give topic rules, whose names have underscores, with the role that they take on."""
    names = (f"{rule_name(estate.context.name(what))}*",)
    yield Held(type="aws_iot_topic_rule", region=region, names=names)
    yield from role(region, estate.context.name(taken_on), _IOT)
