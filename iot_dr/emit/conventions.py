"""What callers expect of any public module, added to the JSON of the constructs."""

import json
from collections.abc import Mapping
from typing import Any, Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.contract import Variable
from iot_dr.emit.module_stack import INHERITED, slot_of
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.configuration import COMMENT
from modules.function import FUNCTION_LOG_DAYS

TAGS: Final = Variable(
    name="tags",
    type="map(string)",
    description="tags of every resource that takes them, in addition to the provider's"
    " default_tags, or null for none",
    default=None,
    nullable=True,
)
LOG_DAYS: Final = Variable(
    name="log_retention_days",
    type="number",
    description="days that the functions' logs are kept, one of CloudWatch Logs' retentions",
    default=FUNCTION_LOG_DAYS,
)

_ARN: Final = "arn:aws:"
_PORTABLE_ARN: Final = "arn:${local.partition}:"


def with_conventions(
    document: Mapping[str, Any], blueprint: Blueprint, schema: SchemaCache
) -> dict[str, Any]:
    """Return a module's JSON with the caller's tags, log retention, and partition in ARNs."""
    variables = {variable.name for variable in blueprint.variables}
    resources = {
        type_: {name: {**block, **_arguments(type_, block, variables, schema)}
                for name, block in names.items()}
        for type_, names in document.get("resource", {}).items()
    }  # fmt: skip
    changed = {**document, **({"resource": resources} if resources else {})}
    return _with_partition(changed, blueprint)


def _arguments(
    type_: str, block: Mapping[str, Any], variables: set[str], schema: SchemaCache
) -> dict[str, Any]:
    is_log = type_ == "aws_cloudwatch_log_group"
    days = {"retention_in_days": f"${{var.{LOG_DAYS.name}}}"} if is_log else dict[str, str]()
    is_tagged = type_.startswith("aws_") and "tags" in schema.block("resource", type_).attributes
    if not is_tagged or TAGS.name not in variables:
        return days
    tags = f"var.{TAGS.name}"
    own = json.dumps(block["tags"], sort_keys=True) if "tags" in block else ""
    return {**days, "tags": f"${{merge({own}, {tags})}}" if own else f"${{{tags}}}"}


def _with_partition(document: Mapping[str, Any], blueprint: Blueprint) -> dict[str, Any]:
    text = json.dumps({kind: document.get(kind, {}) for kind in ("locals", "data", "resource")})
    if _ARN not in text:
        return dict(document)
    changed = json.loads(text.replace(_ARN, _PORTABLE_ARN))
    configuration = next(iter(blueprint.aliases), INHERITED)
    name = slot_of(configuration)
    partition = {
        COMMENT: {"metadata": {"path": f"{blueprint.name}/partition"}},
        "provider": configuration,
    }
    return {
        **document,
        **changed,
        "locals": {
            **changed["locals"],
            "partition": f"${{data.aws_partition.{name}.partition}}",
        },
        "data": {**changed["data"], "aws_partition": {name: partition}},
    }
