"""Lambda: functions and permissions."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    arn,
    between,
    both,
    each_member,
    length,
    matches,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.services.limits import at_most
from iot_dr.terraform.standin.services.naming import name_and_prefix
from iot_dr.terraform.standin.values import Value, is_list, is_unknown
from iot_dr.terraform_json.defaults import PLANNED

_RUNTIMES = (
    *("dotnet6", "dotnet8", "dotnet10", "go1.x"),
    *("java8", "java8.al2", "java11", "java17", "java21", "java25"),
    *("nodejs18.x", "nodejs20.x", "nodejs22.x", "nodejs24.x"),
    *("provided", "provided.al2", "provided.al2023"),
    *("python3.8", "python3.9", "python3.10", "python3.11", "python3.12", "python3.13"),
    *("python3.14", "ruby3.2", "ruby3.3", "ruby3.4"),
)
# docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, "Defined runtime environment
# variables".
_RESERVED = frozenset(
    (
        *("_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION"),
        *("AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
        *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE"),
        *("AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_ACCESS_KEY"),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR"),
    )
)
_MOST = 2_147_483_647

_function = both(
    length(1, 140),
    matches(
        r"(arn:[\w-]+:lambda:[a-z0-9-]+:\d{12}:function:|\d{12}:function:)?"
        r"[0-9A-Za-z_-]{1,64}(:(\$LATEST|[0-9A-Za-z_-]+))?",
        "a function's name of up to 64 letters, digits and _ -, or its ARN",
    ),
)
_statement = both(length(1, 100), matches(r"[0-9A-Za-z_-]+", "letters, digits and _ -"))
_variable = matches(r"[A-Za-z][0-9A-Za-z_]+", "names of two letters, digits and _ or more")


def _variables(value: Mapping[str, Value]) -> str | None:
    taken = sorted(_RESERVED & value.keys())
    if taken:
        return f"leave out what Lambda sets itself: {', '.join(taken)}"
    return each_member(_variable)(value)


def _invocation(function: str, origin: Origin) -> str:
    return f"arn:aws:apigateway:{origin.region}:lambda:path/2015-03-31/functions/{function}"


def _function_made(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    name = values["function_name"]
    own = origin.arn("lambda", f"function:{name}")
    version = "1" if values["publish"] else "$LATEST"
    qualified = f"{own}:{version}"
    return {
        "id": name,
        "arn": own,
        "invoke_arn": f"{_invocation(own, origin)}/invocations",
        "logging_config": _logging(values["logging_config"], name),
        "qualified_arn": qualified,
        "qualified_invoke_arn": f"{_invocation(qualified, origin)}/invocations",
        "response_streaming_invoke_arn": (
            f"arn:aws:apigateway:{origin.region}:lambda:path/2021-11-15/functions/{own}"
            "/response-streaming-invocations"
        ),
        "version": version,
    }


def _logging(blocks: Value, name: str) -> Value:
    """Return `logging_config` with Lambda's log group if the configuration names none.

    Empty if the blocks are unknown.
    """
    if not is_list(blocks):
        return list[Value]()
    group = f"/aws/lambda/{name}"
    return [
        {**block, "log_group": group if is_unknown(block["log_group"]) else block["log_group"]}
        for block in blocks
    ]


def _permission(values: Mapping[str, Value], _origin: Origin) -> Mapping[str, Value]:
    named = name_and_prefix(values, "statement_id")
    return {"id": named["statement_id"], **named}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_lambda_function": Behaviour(
        source="provider documentation, lambda_function; Lambda API: CreateFunction",
        replace=("function_name", "package_type", "tenancy_config"),
        defaults=PLANNED["aws_lambda_function"],
        defaults_from_aws={
            "architectures": ["x86_64"],
            "ephemeral_storage.size": 512,
            "last_modified": "1970-01-01T00:00:00.000+0000",
            "signing_job_arn": "",
            "signing_profile_version_arn": "",
            "snap_start.optimization_status": "Off",
            "source_code_hash": "",
        },
        checks={
            "architectures": both(at_most(1), each_member(one_of("x86_64", "arm64"))),
            "code_signing_config_arn": arn,
            "dead_letter_config.target_arn": arn,
            "environment.variables": _variables,
            "ephemeral_storage.size": between(512, 10_240),
            "file_system_config.arn": arn,
            "file_system_config.local_mount_path": matches(
                r"/mnt/[0-9A-Za-z_.-]+", "a path below /mnt"
            ),
            "function_name": _function,
            "handler": length(1, 128),
            "kms_key_arn": arn,
            "layers": both(at_most(5), each_member(arn)),
            "logging_config.application_log_level": one_of(
                *("TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL")
            ),
            "logging_config.log_format": one_of("JSON", "Text"),
            "logging_config.log_group": both(
                length(1, 512), matches(r"[0-9A-Za-z_./#-]+", "letters, digits and _ . / # -")
            ),
            "logging_config.system_log_level": one_of("DEBUG", "INFO", "WARN"),
            "memory_size": between(128, 10_240),
            "package_type": one_of("Zip", "Image"),
            "reserved_concurrent_executions": between(-1, _MOST),
            "role": arn,
            "runtime": one_of(*_RUNTIMES),
            "snap_start.apply_on": one_of("PublishedVersions", "None"),
            "timeout": between(1, 900),
            "tracing_config.mode": one_of("Active", "PassThrough"),
        },
        conflicts=(("s3_object_version", "filename"), ("s3_object_version", "image_uri")),
        exactly_one=(("filename", "image_uri", "s3_bucket"),),
        together={
            "filename": ("handler", "runtime"),
            "s3_bucket": ("s3_key", "handler", "runtime"),
            "s3_key": ("s3_bucket",),
            "replacement_security_group_ids": ("replace_security_groups_on_destroy",),
        },
        filled_blocks=("ephemeral_storage", "logging_config", "tracing_config"),
        computed_on_apply=_function_made,
    ),
    "aws_lambda_permission": Behaviour(
        source="provider documentation, lambda_permission; Lambda API: AddPermission",
        replace=(
            *("action", "event_source_token", "function_name", "function_url_auth_type"),
            *("principal", "principal_org_id", "qualifier", "source_account", "source_arn"),
            *("statement_id", "statement_id_prefix"),
        ),
        checks={
            "action": matches(
                r"lambda:(\*|[A-Za-z]+)|\*", "an action such as lambda:InvokeFunction"
            ),
            "event_source_token": both(
                length(1, 256), matches(r"[0-9A-Za-z_.-]+", "letters, digits and _ . -")
            ),
            "function_name": _function,
            "function_url_auth_type": one_of("AWS_IAM", "NONE"),
            "qualifier": both(
                length(1, 128), matches(r"[0-9A-Za-z_$-]+", "letters, digits and _ $ -")
            ),
            "source_account": matches(r"\d{12}", "an account id of 12 digits"),
            "source_arn": arn,
            "statement_id": _statement,
            "statement_id_prefix": _statement,
        },
        conflicts=(("statement_id", "statement_id_prefix"),),
        computed_on_apply=_permission,
    ),
    "aws_lambda_function_recursion_config": Behaviour(
        source="provider documentation, lambda_function_recursion_config; "
        "Lambda API: PutFunctionRecursionConfig",
        replace=("function_name",),
        checks={"recursive_loop": one_of("Allow", "Terminate")},
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
