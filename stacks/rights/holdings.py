"""What the stacks of an environment hold, by what they are, as far as IAM can tell it apart."""

from collections.abc import Iterator

from modules.context import rule_name
from modules.device_policy_name import device_policy_name
from modules.rights.table import OF_DATA, OF_JOINING, TABLE
from stacks.provisioning_names import template_name
from stacks.rights.estate import PATH, ROUTE53_REGION, Estate, function_boundary_name
from stacks.rights.held import EVERY_REGION, Held
from stacks.rights.parts import (
    BUCKET_TYPES,
    LAMBDA,
    alarms,
    certificate,
    function,
    permission,
    role,
    topic,
)

_S3 = ("s3.amazonaws.com",)
_CODEBUILD, _CODEPIPELINE = ("codebuild.amazonaws.com",), ("codepipeline.amazonaws.com",)
_LONG = 255
_STATE_BUCKET_TYPES = ("aws_s3_bucket_replication_configuration", "aws_s3_bucket_versioning")


def state(estate: Estate) -> Iterator[Held]:
    """The buckets with the states, the copying between them, and what caps functions' roles."""
    # Copies are made by home's alone, and by another's once that is home.
    for type_ in (*BUCKET_TYPES, *_STATE_BUCKET_TYPES):
        yield Held(type=type_, region=EVERY_REGION, names=(estate.any_state_bucket,))
    yield from role(estate.home, estate.context.name("state-replication"), _S3)
    cap = function_boundary_name(estate.context)
    yield Held(type="aws_iam_policy", region=estate.home, names=(cap,), path=PATH)


def hosted_zone(estate: Estate) -> Iterator[Held]:
    """The zone, its delegation, and home's certificate with the record that validates it."""
    home, zone = estate.home, estate.zone_name
    yield Held(type="aws_route53_zone", region=home, zone=estate.zone_id)
    yield Held(
        type="aws_route53_record",
        region=home,
        names=(f"_*.{zone}",),
        kinds=("CNAME",),
        zone=estate.zone_id,
    )
    if estate.parent_zone_id:
        yield Held(
            type="aws_route53_record",
            region=home,
            names=(zone,),
            kinds=("NS",),
            zone=estate.parent_zone_id,
        )
    yield from certificate(estate, home)


def iot(estate: Estate, region: str) -> Iterator[Held]:
    """All that serves devices in a region, and its checks."""
    name = estate.context.name
    if region != estate.home:
        yield from certificate(estate, region)
    for part in ("api", "integration", "route", "stage"):
        yield Held(type=f"aws_apigatewayv2_{part}", region=region)
    yield from function(estate, "canary", region)
    yield from permission(estate, "canary", region)
    yield from role(region, name(f"canary-{region}"), LAMBDA)
    yield from alarms(
        region,
        *(
            name(f"{what}-{region}", _LONG)
            for what in ("canary", "certificate-expiry", "health-flood")
        ),
    )
    yield from topic(region, name("alarms", 256))
    yield Held(
        type="aws_iot_domain_configuration",
        region=region,
        names=(name("device-name", 128), name("regional-name", 128)),
    )
    yield Held(type="aws_iot_endpoint", region=region)
    yield Held(type="aws_iot_policy", region=region, names=(device_policy_name(estate.context),))
    yield Held(type="aws_route53_health_check", region=region)
    yield Held(
        type="aws_route53_record",
        region=region,
        names=(f"{estate.label}-{region}.{estate.zone_name}",),
        kinds=("CNAME",),
        zone=estate.zone_id,
    )


def entry_point(estate: Estate) -> Iterator[Held]:
    """The device name, what it asks, the switches, and the watcher wherever it may stand."""
    name, label, zone = estate.context.name, estate.label, estate.zone_name
    yield from topic(ROUTE53_REGION, name("health-checks", 256))
    yield from alarms(ROUTE53_REGION, f"{name('deep')}-*", f"{name('tcp')}-*")
    yield Held(type="aws_route53_health_check", region=estate.home)
    yield Held(
        type="aws_route53_record",
        region=estate.home,
        # A nested name for each region past the second.
        names=(f"{label}.{zone}", f"{label}-standby-?.{zone}"),
        kinds=("CNAME",),
        zone=estate.zone_id,
    )
    yield from role(estate.home, f"{name('watcher')}-*", LAMBDA)
    for region in estate.regions:
        yield from alarms(region, f"{name('switch')}-*", name("watcher", _LONG))
        yield from function(estate, "watcher", region)
        yield from permission(estate, "watcher", region)
        for type_ in ("aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"):
            yield Held(type=type_, region=region, names=(name("watcher"),))


def pipeline(estate: Estate) -> Iterator[Held]:
    """The pipelines with their projects, roles, artifacts and notices, in either region.

    Roles and projects of scopes are named by a pattern: a new region brings new ones.
    """
    name, where = estate.context.name, EVERY_REGION
    own = (f"{name('pipeline')}-*",)
    builds = tuple(f"{name(what)}-*" for what in ("apply", "plan", "synth", "verify"))
    groups = tuple(f"/aws/codebuild/{build}" for build in builds)
    yield Held(type="aws_codepipeline", region=where, names=own)
    yield Held(type="aws_codebuild_project", region=where, names=builds)
    yield Held(type="aws_cloudwatch_log_group", region=where, names=groups)
    for type_ in ("aws_cloudwatch_event_rule", "aws_cloudwatch_event_target"):
        yield Held(type=type_, region=where, names=own)
    buckets = tuple(estate.pipelines.values())
    for type_ in (*BUCKET_TYPES, "aws_s3_bucket_lifecycle_configuration"):
        yield Held(type=type_, region=where, names=buckets)
    yield Held(type="aws_kms_key", region=where, is_part=True)
    yield Held(type="aws_sns_topic", region=where, names=own)
    for build in builds:
        yield from role(where, build, _CODEBUILD, PATH)
    yield from role(where, *own, _CODEPIPELINE, PATH)
    policies = [f"{name('pipeline-boundary')}-*"]
    if estate.has_data:
        attached = f"{name('apply')}-*"
        policies.append(attached)
        attachment = "aws_iam_role_policy_attachment"
        yield Held(type=attachment, region=where, names=(attached,), path=PATH)
    yield Held(type="aws_iam_policy", region=where, names=tuple(policies), path=PATH)


def anything(estate: Estate) -> Iterator[Held]:
    """Whatever any stack holds, anywhere, by the beginning of its name: for reading alone."""
    begins = f"{estate.context.name('')}*"
    for type_ in TABLE:
        if type_ in OF_DATA and not estate.has_data:
            continue
        if type_ in OF_JOINING and not estate.provisioning:
            continue
        names: tuple[str, ...] = (begins,)
        if type_.startswith("aws_s3_"):
            names = (estate.any_bucket,)
        elif type_ == "aws_iot_topic_rule":
            names = (rule_name(begins),)
        elif type_ == "aws_iot_provisioning_template":
            # Its name is short, and may be cut before it says whose it is.
            names = (template_name(estate.context),)
        elif type_ == "aws_cloudwatch_log_group":
            names = tuple(f"/aws/{service}/{begins}" for service in ("codebuild", "lambda"))
        for path in ("/", PATH) if type_.startswith("aws_iam_") else ("/",):
            yield Held(type=type_, region=EVERY_REGION, names=names, path=path)
