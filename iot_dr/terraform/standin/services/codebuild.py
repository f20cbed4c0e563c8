"""CodeBuild: projects."""

import re
from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import (
    arn,
    between,
    each_member,
    length,
    matches,
    minimum,
    one_of,
)
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.values import Value

_COMPUTE = (
    *("ATTRIBUTE_BASED_COMPUTE", "BUILD_GENERAL1_2XLARGE", "BUILD_GENERAL1_LARGE"),
    *("BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_XLARGE"),
    *("BUILD_LAMBDA_10GB", "BUILD_LAMBDA_1GB", "BUILD_LAMBDA_2GB", "BUILD_LAMBDA_4GB"),
    *("BUILD_LAMBDA_8GB", "CUSTOM_INSTANCE_TYPE"),
)
_ENVIRONMENTS = (
    *("ARM_CONTAINER", "ARM_EC2", "ARM_LAMBDA_CONTAINER", "LINUX_CONTAINER", "LINUX_EC2"),
    *("LINUX_GPU_CONTAINER", "LINUX_LAMBDA_CONTAINER", "MAC_ARM", "WINDOWS_CONTAINER"),
    *("WINDOWS_EC2", "WINDOWS_SERVER_2019_CONTAINER", "WINDOWS_SERVER_2022_CONTAINER"),
)
_SOURCES = (
    *("BITBUCKET", "CODECOMMIT", "CODEPIPELINE", "GITHUB", "GITHUB_ENTERPRISE", "GITLAB"),
    *("GITLAB_SELF_MANAGED", "NO_SOURCE", "S3"),
)
_access = one_of("FULL", "NONE", "READ_ONLY")
_artifacts = one_of("CODEPIPELINE", "NO_ARTIFACTS", "S3")
_namespace = one_of("BUILD_ID", "NONE")
_packaging = one_of("NONE", "ZIP")
_status = one_of("DISABLED", "ENABLED")


def _s3_location(value: Value) -> str | None:
    is_address = re.match(r"https?://|arn:", value)
    return f"be BUCKET/PATH without an address or ARN, got {value!r}" if is_address else None


def _project(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    project = origin.arn("codebuild", f"project/{values['name']}")
    return {
        "id": project,
        "arn": project,
        "auto_retry_limit": 0,
        "badge_url": "",
        "description": "",
        "encryption_key": origin.arn("kms", "alias/aws/s3"),
        "public_project_alias": "",
    }


RESOURCES: Mapping[str, Behaviour] = {
    "aws_codebuild_project": Behaviour(
        source="provider source, codebuild/project.go; CodeBuild API: CreateProject",
        replace=("name",),
        defaults={
            "artifacts.encryption_disabled": False,
            "artifacts.override_artifact_name": False,
            "badge_enabled": False,
            "build_timeout": 60,
            "cache.type": "NO_CACHE",
            "environment.environment_variable.type": "PLAINTEXT",
            "environment.image_pull_credentials_type": "CODEBUILD",
            "environment.privileged_mode": False,
            "file_system_locations.type": "EFS",
            "logs_config.cloudwatch_logs.status": "ENABLED",
            "logs_config.s3_logs.encryption_disabled": False,
            "logs_config.s3_logs.status": "DISABLED",
            "project_visibility": "PRIVATE",
            "queued_timeout": 480,
            "secondary_artifacts.encryption_disabled": False,
            "secondary_artifacts.namespace_type": "NONE",
            "secondary_artifacts.override_artifact_name": False,
            "secondary_artifacts.packaging": "NONE",
        },
        checks={
            "artifacts.bucket_owner_access": _access,
            "artifacts.namespace_type": _namespace,
            "artifacts.packaging": _packaging,
            "artifacts.type": _artifacts,
            "build_batch_config.restrictions.compute_types_allowed": each_member(one_of(*_COMPUTE)),
            "build_batch_config.restrictions.maximum_builds_allowed": between(1, 100),
            "build_batch_config.service_role": arn,
            "build_batch_config.timeout_in_mins": between(5, 2160),
            "build_timeout": between(5, 2160),
            "cache.modes": each_member(
                one_of("LOCAL_CUSTOM_CACHE", "LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE")
            ),
            "cache.type": one_of("LOCAL", "NO_CACHE", "S3"),
            "concurrent_build_limit": minimum(1),
            "description": length(0, 255),
            "environment.certificate": matches(r".*\.(pem|zip)", "a file .pem or .zip"),
            "environment.compute_type": one_of(*_COMPUTE),
            "environment.environment_variable.type": one_of(
                *("PARAMETER_STORE", "PLAINTEXT", "SECRETS_MANAGER")
            ),
            "environment.fleet.fleet_arn": arn,
            "environment.image_pull_credentials_type": one_of("CODEBUILD", "SERVICE_ROLE"),
            "environment.registry_credential.credential_provider": one_of("SECRETS_MANAGER"),
            "environment.type": one_of(*_ENVIRONMENTS),
            "file_system_locations.type": one_of("EFS"),
            "logs_config.cloudwatch_logs.status": _status,
            "logs_config.s3_logs.bucket_owner_access": _access,
            "logs_config.s3_logs.location": _s3_location,
            "logs_config.s3_logs.status": _status,
            "name": matches(
                r"[A-Za-z0-9][A-Za-z0-9_-]{1,254}", "2 to 255 letters, digits, - and _, no - first"
            ),
            "project_visibility": one_of("PRIVATE", "PUBLIC_READ"),
            "queued_timeout": between(5, 480),
            "resource_access_role": arn,
            "secondary_artifacts.bucket_owner_access": _access,
            "secondary_artifacts.namespace_type": _namespace,
            "secondary_artifacts.packaging": _packaging,
            "secondary_artifacts.type": _artifacts,
            "secondary_sources.type": one_of(*_SOURCES),
            "service_role": arn,
            "source.type": one_of(*_SOURCES),
        },
        limits={
            "secondary_artifacts": (0, 12),
            "secondary_source_version": (0, 12),
            "secondary_sources": (0, 12),
        },
        computed_on_apply=_project,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
