"""The module `device-registry`: replication of one region's device registry."""

from dataclasses import replace
from typing import Final

from functions.contract import ENTITY_KEY, REGION_KEY
from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import LOG_DAYS, TAGS
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import (
    ALARM_TOPIC,
    BOUNDARY,
    REGISTRY_TABLE,
    RESERVED_CONCURRENCY,
)
from iot_dr.emit.variables.settings import SETTINGS
from modules.device_policy_name import device_policy_name
from modules.device_registry import DeviceRegistry, DeviceRegistryInputs, DeviceRegistryOutputs
from modules.device_table_names import table_arn
from modules.name_limits import BUCKET_NAME_LIMIT
from modules.registry_trail import SLOT


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    context = stack.regional()
    stack.rule_names()
    stack.bucket_prefix()
    whole = "${local.bucket_prefix}-${var.environment}-trail-${local.region}"
    bucket = stack.shortened("trail_bucket", whole, BUCKET_NAME_LIMIT)
    table = f"${{var.{REGISTRY_TABLE.name}}}"
    registry = DeviceRegistry(
        stack,
        DeviceRegistryInputs(
            provider=stack.provider(),
            context=context,
            account_id="${local.account_id}",
            # The function's variable is a comma-separated list, which Terraform joins.
            regions=['${join(",", var.regions)}'],
            table=table,
            table_arn=table_arn(context, "${local.account_id}", table),
            trail_bucket=bucket,
            creates_trail=True,
            reconcile_hours=stack.number_variable("reconcile_hours"),
            reconcile_rate=stack.number_variable("reconcile_rate"),
            parallelization_factor=stack.number_variable("parallelization_factor"),
            excluded_policies=[device_policy_name(context)],
            excluded_ca_certificates=[],
            copy_reported="${var.copy_reported}",
            deletion_percent=stack.number_variable("deletion_percent"),
            topic_arn="${var.alarm_topic_arn}",
        ),
    ).outputs
    _add_outputs(stack, registry)
    return (Optional(addresses=(f"*.{SLOT}",), condition="var.create_trail"),)


def _add_outputs(stack: EmittedModuleStack, registry: DeviceRegistryOutputs) -> None:
    queues = registry.queues
    stack.output(
        "changes_queue_url", queues.changes.url, "URL of the queue of what may have changed"
    )
    stack.output("shadows_queue_url", queues.shadows.url, "URL of the queue of shadows' changes")
    stack.output(
        "retry_queue_url", queues.retry.url, "URL of the queue of what is to be applied again"
    )
    stack.output(
        "parked_queue_url",
        queues.dead_letters.url,
        "URL of the dead-letter queue of messages that failed too often",
    )
    name = registry.reconcile_function
    stack.output("reconcile_function", name, "Name of the function that compares all, if called")


JOINED: Final = """\
**The first apply joins the AWS IoT registries of the regions, and nothing takes that back.** What \
one region has, things, types, groups, certificates, policies and shadows, is created in the \
others. Of what several have under one name, but not alike, one version stays, in all of them:

| Kind | Version that stays |
| --- | --- |
| certificate | the one that restricts most: a revoked one, then an inactive one, also if an \
active one is newer |
| policy | the one with the newest document |
| half of a shadow, desired or reported | the one whose values changed last |
| thing, type, group; certificates of one status | the one that is read last, as AWS IoT does not \
date all of their changes; a thing keeps only its attributes and certificates in that region |

`deletion_percent` holds back deletions, and none of this. A region without things, certificates \
and policies loses nothing. Otherwise compare before the apply: this only reads, with two calls \
for each thing and one for each policy, and prints what both regions have but not alike.

```bash
versions() {
  aws iot list-certificates --region "$1" --output text \\
    --query "certificates[].['certificate', certificateId, status]"
  aws iot list-things --region "$1" --output text --query 'things[].[thingName]' |
    while read -r name; do
      echo thing "$name" \\
        $(aws iot describe-thing --region "$1" --thing-name "$name" --output json \\
          --query '[thingTypeName, attributes]') \\
        $(aws iot list-thing-principals --region "$1" --thing-name "$name" --output text \\
          --query 'sort(principals)')
    done
  aws iot list-policies --region "$1" --output text --query 'policies[].[policyName]' |
    while read -r name; do
      echo policy "$name" \\
        $(aws iot get-policy --region "$1" --policy-name "$name" --output text \\
          --query policyDocument)
    done
}
for region in HOME STANDBY; do
  versions "$region" | sed "s/:$region:/:REGION:/g" | sort -u > "versions-$region.txt"
done
sort -u versions-HOME.txt versions-STANDBY.txt | awk '{ print $1, $2 }' | uniq -d
```

It does not compare groups, the policies of certificates and groups, and shadows."""
"""What to know before the first apply, in Markdown."""

DEVICE_REGISTRY: Final = Blueprint(
    name="device-registry",
    title="Device registry",
    purpose="Replicates one region's AWS IoT registry with those of the other regions: things,"
    " groups, types, certificates, policies and shadows. Lambda functions record changes, apply"
    " the changes of other regions, and compare all entities periodically.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "account_id", "region")),
        SETTINGS["regions"],
        REGISTRY_TABLE,
        replace(
            SETTINGS["bucket_prefix"],
            description="what the name of the bucket of the region's trail begins with, or null for"
            " the project's name and the account",
        ),
        ALARM_TOPIC,
        SETTINGS["reconcile_hours"],
        SETTINGS["reconcile_rate"],
        SETTINGS["parallelization_factor"],
        SETTINGS["copy_reported"],
        SETTINGS["deletion_percent"],
        SETTINGS["create_trail"],
        RESERVED_CONCURRENCY,
        BOUNDARY,
        LOG_DAYS,
        TAGS,
    ),
    build=_build,
    files={
        "queue_alarms": r"queues/.*_(age|alarm)",
        "queues": r"queues",
        "rule_role": r"events/rules/role",
        "topic_rules": r"events/rules",
        "events": r"events|calls",
        "trail": r"trail",
        "event_sources": r"\w+/(rows|retry|shadows|changes|rest|schedule)",
        "alarms": r"\w+/(function/alarms|late|held_back|overrun|withheld)",
        "capture": r"capture",
        "apply": r"apply",
        "reconcile": r"reconcile",
        "recovery_point": r"pulses|.*_replication",
    },
    first=JOINED,
    notes=(
        "After the first apply, what is changed or deleted in one region is so in all.",
        (
            "The alarm `registry-held-back` says that other regions deleted more than"
            " `deletion_percent`: the region then applies no deletion of theirs until a person"
            " decides, whatever `deletion_percent` becomes. To let through what was deleted until"
            " now: `aws dynamodb update-item --region REGION --table-name TABLE --key"
            f""" '{{"{ENTITY_KEY}": {{"S": "brake/deletions"}},"""
            f""" "{REGION_KEY}": {{"S": "REGION"}}}}'"""
            " --update-expression 'SET deletions = :none, let_through = :until REMOVE held_since'"
            """ --expression-attribute-values "{\\":none\\": {\\"N\\": \\"0\\"}, \\":until\\":"""
            """ {\\"N\\": \\"$(date +%s)000\\"}}"`, then let it compare, which applies them: `aws"""
            " lambda invoke --region REGION --function-name RECONCILE_FUNCTION answer.json`. If the"
            " deletions were a mistake, first create in their region what it lacks."
        ),
        (
            "Call it in every region of the environment. All entities of the account's registry are"
            " replicated, except the policy that the module `regional-endpoint` creates in each"
            " region."
        ),
        (
            "Terraform reads the table's replica in its region at every plan, so the table must"
            " exist first: pass the output of the module `device-data`."
        ),
        (
            "It enables the registry events of AWS IoT, one setting per account and region, and"
            " creates a CloudTrail trail with a bucket, through which EventBridge receives changes"
            " of certificates and policies. A region can have five trails, those of an organization"
            " included: with `create_trail = false` any other trail of the account that logs"
            " management events there is used. Use only one such module per account and region,"
            " also for different environments: two would replicate each other's devices."
        ),
    ),
)
