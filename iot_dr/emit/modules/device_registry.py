"""The module that keeps one region's device registry in step with the others."""

from dataclasses import replace
from typing import Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.module_stack import ModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.handed import ALARM_TOPIC, BOUNDARY, REGISTRY_TABLE
from iot_dr.emit.variables.settings import SETTINGS
from modules.device_policy_name import device_policy_name
from modules.device_registry import DeviceRegistry, DeviceRegistryInputs, DeviceRegistryOutputs
from modules.device_table_names import table_arn

_BUCKET: Final = "trail_bucket"


def _build(stack: ModuleStack) -> tuple[Optional, ...]:
    context = stack.regional()
    stack.rule_names()
    whole = "${var.bucket_prefix}-${var.environment}-trail-${var.region}"
    stack.shortened(_BUCKET, whole, 63)
    table = f"${{var.{REGISTRY_TABLE.name}}}"
    registry = DeviceRegistry(
        stack,
        DeviceRegistryInputs(
            provider=stack.provider(),
            context=context,
            account_id="${var.account_id}",
            # They are joined by commas, which Terraform does.
            regions=['${join(",", var.regions)}'],
            table=table,
            table_arn=table_arn(context, "${var.account_id}", table),
            trail_bucket=f"${{local.{_BUCKET}}}",
            reconcile_hours=stack.number("reconcile_hours"),
            parallelization_factor=stack.number("parallelization_factor"),
            excluded_policies=[device_policy_name(context)],
            excluded_ca_certificates=[],
            copy_reported="${var.copy_reported}",
            topic_arn="${var.alarm_topic_arn}",
        ),
    ).outputs
    _give(stack, registry)
    return ()


def _give(stack: ModuleStack, registry: DeviceRegistryOutputs) -> None:
    queues = registry.queues
    stack.give("changes_queue_url", queues.changes.url, "URL of the queue of what may have changed")
    stack.give("shadows_queue_url", queues.shadows.url, "URL of the queue of shadows' changes")
    stack.give(
        "retry_queue_url", queues.retry.url, "URL of the queue of what is to be applied again"
    )
    stack.give("parked_queue_url", queues.parked.url, "URL of the queue of what was given up")
    name = registry.reconcile_function
    stack.give("reconcile_function", name, "Name of the function that compares all, if called")


DEVICE_REGISTRY: Final = Blueprint(
    name="device-registry",
    title="Device registry",
    purpose="Keeps one region's AWS IoT registry in step with those of the other regions: things,"
    " groups, types, certificates, policies and shadows. Lambda functions write down what changes,"
    " take over what other regions have written, and compare all of it again and again.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "account_id", "region")),
        SETTINGS["regions"],
        REGISTRY_TABLE,
        replace(
            SETTINGS["bucket_prefix"],
            description="what the name of the bucket of the region's trail begins with",
        ),
        ALARM_TOPIC,
        SETTINGS["reconcile_hours"],
        SETTINGS["parallelization_factor"],
        SETTINGS["copy_reported"],
        BOUNDARY,
    ),
    build=_build,
    notes=(
        (
            "Call it in every region of the environment. What an account's registry holds is copied"
            " whatever made it, but for the policy that the module `regional-endpoint` makes in"
            " each region."
        ),
        (
            "Terraform looks the table's replica up in its own region at every plan, so the first"
            " apply has to make the table before: pass the output of the module `device-data`."
        ),
        (
            "It turns the registry's events of AWS IoT on, which is one setting of the account in"
            " a region, and makes a trail of CloudTrail with a bucket of its own: EventBridge hears"
            " of certificates and policies by it. An account can have one such module in a region,"
            " whatever the environment: two would copy each other's devices."
        ),
    ),
)
