"""The module `device-data`: the global tables."""

from typing import Any, Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import TAGS
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import REPLICA_REGIONS
from iot_dr.emit.variables.settings import SETTINGS
from modules.device_tables import DeviceTables, DeviceTablesInputs


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    context = stack.regional(has_roles=False)
    tables = DeviceTables(
        stack,
        DeviceTablesInputs(
            provider=stack.provider(),
            context=context,
            # One block, which becomes dynamic.
            replicas=["${replica.value}"],
            point_in_time_days=stack.number_variable("point_in_time_days"),
        ),
    ).outputs
    for slot in ("device_state", "device_registry"):
        stack.repeat(f"aws_dynamodb_table.{slot}", "replica", f"var.{REPLICA_REGIONS.name}")
    stack.output(
        "device_state_table", tables.state, "Name of the table with the last state of each device"
    )
    stack.output(
        "device_registry_table", tables.registry, "Name of the table with what each region holds"
    )
    return ()


_REGIONS: Final[dict[str, Any]] = {REPLICA_REGIONS.name: ["eu-central-1"]}
DEVICE_DATA: Final = Blueprint(
    name="device-data",
    title="Device data",
    purpose="Two DynamoDB global tables with a replica in each other region: the last state of"
    " each device, and the entities of each region's device registry.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "account_id", "region")),
        REPLICA_REGIONS,
        SETTINGS["point_in_time_days"],
        TAGS,
    ),
    build=_build,
    values=_REGIONS,
    notes=(
        "Call it once for an environment, with the provider of its home region.",
        (
            "The tables have `prevent_destroy` and deletion protection. To delete one with all that"
            " is in it, take it out of the state (`terraform state rm ADDRESS`), run `aws dynamodb"
            " update-table --region REGION --table-name TABLE --no-deletion-protection-enabled` in"
            " each region, remove each replica by `aws dynamodb update-table --region HOME"
            " --table-name TABLE --replica-updates 'Delete={RegionName=REGION}'`, and then run `aws"
            " dynamodb delete-table --region HOME --table-name TABLE`."
        ),
    ),
)
