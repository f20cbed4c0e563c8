"""CodePipeline: pipelines."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    Check,
    arn,
    at_least,
    between,
    both,
    each_member,
    length,
    matches,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.services.limits import at_most
from iot_dr.terraform.standin.values import Value

_CONDITIONS = ("before_entry", "on_failure", "on_success")
# Branches, file paths and tags by which a trigger is filtered.
_FILTERS = (
    *(("pull_request", part) for part in ("branches", "file_paths")),
    *(("push", part) for part in ("branches", "file_paths", "tags")),
)
_filter = both(at_least(1), both(at_most(8), each_member(length(1, 255))))
_name = both(length(1, 100), matches(r"[A-Za-z0-9.@_-]+", "letters, digits and . @ _ -"))
_namespace = both(length(1, 100), matches(r"[A-Za-z0-9@_-]+", "letters, digits and @ _ -"))
_artifact_names = each_member(
    both(length(1, 100), matches(r"[A-Za-z0-9_-]+", "letters, digits and _ -"))
)
_version = both(length(1, 9), matches(r"[0-9A-Za-z_-]+", "letters, digits and _ -"))
_provider = both(length(1, 35), matches(r"[0-9A-Za-z_-]+", "letters, digits and _ -"))


def _configuration(values: Value) -> str | None:
    """Check the lengths of keys and values that the API allows; the provider checks keys only."""
    longest_key, longest = 50, 1000
    for key, value in values.items():
        if not 1 <= len(key) <= longest_key:
            return f"have keys of 1 to {longest_key} characters, got {key!r}"
        if value is not None and not 1 <= len(value) <= longest:
            return f"have values of 1 to {longest} characters, got {len(value)} in {key!r}"
    return None


def _rule_configuration(values: Value) -> str | None:
    longest = 10_000
    wrong = next((key for key, value in values.items() if value and len(value) > longest), None)
    return f"have values of at most {longest} characters, not so in {wrong!r}" if wrong else None


_RULE: Mapping[str, Check] = {
    "commands": both(at_most(50), each_member(length(1, 1000))),
    "configuration": _rule_configuration,
    "input_artifacts": _artifact_names,
    "name": _name,
    "role_arn": arn,
    "rule_type_id.category": one_of("Rule"),
    "rule_type_id.owner": one_of("AWS"),
    "rule_type_id.version": _version,
    "timeout_in_minutes": between(5, 86_400),
}


def _pipeline(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    name = values["name"]
    return {"id": name, "arn": origin.arn("codepipeline", name)}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_codepipeline": Behaviour(
        source="provider source, codepipeline/codepipeline.go; CodePipeline API: CreatePipeline",
        replace=("name",),
        defaults={
            # In a set, the provider writes an empty string for an omitted argument.
            "artifact_store.region": "",
            "execution_mode": "SUPERSEDED",
            "pipeline_type": "V1",
        },
        checks={
            "artifact_store.encryption_key.type": one_of("KMS"),
            "artifact_store.location": length(3, 63),
            "artifact_store.type": one_of("S3"),
            "execution_mode": one_of("PARALLEL", "QUEUED", "SUPERSEDED"),
            "name": _name,
            "pipeline_type": one_of("V1", "V2"),
            "role_arn": arn,
            "stage.action.category": one_of(
                *("Approval", "Build", "Compute", "Deploy", "Invoke", "Source", "Test")
            ),
            "stage.action.configuration": _configuration,
            "stage.action.input_artifacts": _artifact_names,
            "stage.action.name": _name,
            "stage.action.namespace": _namespace,
            "stage.action.output_artifacts": _artifact_names,
            "stage.action.owner": one_of("AWS", "Custom", "ThirdParty"),
            "stage.action.provider": _provider,
            "stage.action.role_arn": arn,
            "stage.action.run_order": between(1, 999),
            "stage.action.timeout_in_minutes": between(5, 86_400),
            "stage.action.version": _version,
            "stage.name": _name,
            "stage.on_failure.result": one_of("FAIL", "RETRY", "ROLLBACK", "SKIP"),
            "stage.on_failure.retry_configuration.retry_mode": one_of(
                *("ALL_ACTIONS", "FAILED_ACTIONS")
            ),
            **{
                f"stage.{kind}.condition.rule.{name}": check
                for kind in _CONDITIONS
                for name, check in _RULE.items()
            },
            **{
                f"trigger.git_configuration.{event}.{part}.{side}": _filter
                for event, part in _FILTERS
                for side in ("excludes", "includes")
            },
            "trigger.git_configuration.pull_request.events": both(
                at_least(1), each_member(one_of("CLOSED", "OPEN", "UPDATED"))
            ),
            "trigger.git_configuration.source_action_name": _name,
            "trigger.provider_type": one_of("CodeStarSourceConnection"),
        },
        limits={
            "stage": (2, 0),
            **{f"stage.{kind}.condition.rule": (1, 5) for kind in _CONDITIONS},
            "trigger": (0, 50),
            "trigger.git_configuration.pull_request": (0, 3),
            "trigger.git_configuration.push": (0, 3),
        },
        import_argument="name",
        computed_on_apply=_pipeline,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
