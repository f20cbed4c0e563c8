"""The module with the deep health of one region."""

from typing import Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.module_stack import ModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.handed import ALARM_TOPIC, BOUNDARY, REGIONAL_NAME
from iot_dr.emit.variables.settings import SETTINGS
from modules.deep_health import DeepHealth, DeepHealthInputs


def _build(stack: ModuleStack) -> tuple[Optional, ...]:
    context = stack.regional()
    health = DeepHealth(
        stack,
        DeepHealthInputs(
            provider=stack.provider(),
            context=context,
            account_id="${var.account_id}",
            regional_name="${var.regional_name}",
            interval=stack.number("interval"),
            threshold=stack.number("threshold"),
            topic_arn="${var.alarm_topic_arn}",
        ),
    ).outputs
    stack.give("deep_check_id", health.check_id, "Id of the Route 53 health check")
    return ()


CANARY: Final = Blueprint(
    name="canary",
    title="Canary",
    purpose="The deep health of one region: a Route 53 health check that asks an HTTP API, and"
    " behind it a Lambda function that publishes a message through the region's own name, as a"
    " device would.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "account_id", "region")),
        REGIONAL_NAME,
        ALARM_TOPIC,
        *(SETTINGS[name] for name in ("interval", "threshold")),
        BOUNDARY,
    ),
    build=_build,
    notes=(
        (
            "An HTTPS check on the IoT endpoint itself never fails over: AWS IoT answers 403 to a"
            " caller without credentials, so every region looks dead."
        ),
        (
            "The path of the API is a secret that Terraform makes; it is sensitive in every plan"
            " and lies in the state. `terraform apply"
            " -replace=module.NAME.terraform_data.health_path` changes it without a failed check."
        ),
    ),
)
