"""The module `canary`: the deep health check of one region."""

from typing import Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.conventions import LOG_DAYS, TAGS
from iot_dr.emit.module_stack import EmittedModuleStack
from iot_dr.emit.optional import Optional
from iot_dr.emit.variables.module_inputs import (
    ALARM_TOPIC,
    BOUNDARY,
    REGIONAL_NAME,
    RESERVED_CONCURRENCY,
)
from iot_dr.emit.variables.settings import SETTINGS
from modules.deep_health import DeepHealth, DeepHealthInputs


def _build(stack: EmittedModuleStack) -> tuple[Optional, ...]:
    context = stack.regional()
    health = DeepHealth(
        stack,
        DeepHealthInputs(
            provider=stack.provider(),
            context=context,
            account_id="${local.account_id}",
            regional_name="${var.regional_name}",
            interval=stack.number_variable("interval"),
            threshold=stack.number_variable("threshold"),
            topic_arn="${var.alarm_topic_arn}",
        ),
    ).outputs
    stack.output("deep_check_id", health.check_id, "Id of the Route 53 health check")
    return ()


CANARY: Final = Blueprint(
    name="canary",
    title="Canary",
    purpose="Deep health check of one region: a Route 53 health check of an HTTP API whose Lambda"
    " function publishes a message through the region's name, as a device would.",
    variables=(
        *(SETTINGS[name] for name in ("project", "environment", "account_id", "region")),
        REGIONAL_NAME,
        ALARM_TOPIC,
        *(SETTINGS[name] for name in ("interval", "threshold")),
        RESERVED_CONCURRENCY,
        BOUNDARY,
        LOG_DAYS,
        TAGS,
    ),
    build=_build,
    notes=(
        (
            "An HTTPS check of the IoT endpoint itself does not work: AWS IoT answers 403 without"
            " credentials, so every region counts as unhealthy."
        ),
        (
            "The API's path is a secret that Terraform generates; it is sensitive in plans and"
            " stored in the state. `terraform apply"
            " -replace=module.NAME.terraform_data.health_path` changes it without a failed check."
        ),
    ),
)
