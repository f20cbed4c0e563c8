"""CloudTrail: trails."""

from collections.abc import Mapping

from iot_dr.terraform.standin.behaviour import Behaviour
from iot_dr.terraform.standin.checks import arn, both, length, matches, one_of
from iot_dr.terraform.standin.identity import Origin
from iot_dr.terraform.standin.values import Value

# CloudTrail API, AdvancedFieldSelector.
_FIELDS = (
    *("errorCode", "eventCategory", "eventName", "eventSource", "eventType", "readOnly"),
    *("resources.ARN", "resources.type", "sessionCredentialFromConsole", "userIdentity.arn"),
    "vpcEndpointId",
)
_COMPARISONS = (
    *("ends_with", "equals", "not_ends_with", "not_equals", "not_starts_with", "starts_with"),
)


def _trail(values: Mapping[str, Value], origin: Origin) -> Mapping[str, Value]:
    trail_arn = origin.arn("cloudtrail", f"trail/{values['name']}")
    return {"id": trail_arn, "arn": trail_arn, "home_region": origin.region}


RESOURCES: Mapping[str, Behaviour] = {
    "aws_cloudtrail": Behaviour(
        source="provider documentation, cloudtrail; CloudTrail API: CreateTrail",
        replace=("name",),
        defaults={
            # In a set, the provider writes an empty list for an omitted argument.
            **{
                f"advanced_event_selector.field_selector.{operator}": []
                for operator in _COMPARISONS
            },
            "enable_log_file_validation": False,
            "enable_logging": True,
            "event_selector.include_management_events": True,
            "event_selector.read_write_type": "All",
            "include_global_service_events": True,
            "is_multi_region_trail": False,
            "is_organization_trail": False,
        },
        defaults_from_aws={"sns_topic_arn": ""},
        checks={
            "advanced_event_selector.field_selector.field": one_of(*_FIELDS),
            "advanced_event_selector.name": length(0, 1000),
            "cloud_watch_logs_group_arn": arn,
            "cloud_watch_logs_role_arn": arn,
            "event_selector.data_resource.type": one_of(
                *("AWS::DynamoDB::Table", "AWS::Lambda::Function", "AWS::S3::Object")
            ),
            "event_selector.read_write_type": one_of("All", "ReadOnly", "WriteOnly"),
            "insight_selector.insight_type": one_of(*("ApiCallRateInsight", "ApiErrorRateInsight")),
            "kms_key_id": arn,
            "name": both(
                length(3, 128),
                matches(
                    r"[0-9A-Za-z]([0-9A-Za-z]|[._-](?![._-]))*(?<![._-])",
                    "letters, digits and single . _ -, none of these at either end",
                ),
            ),
            "s3_key_prefix": length(0, 2000),
        },
        limits={"event_selector": (0, 5)},
        conflicts=(("advanced_event_selector", "event_selector"),),
        computed_on_apply=_trail,
    ),
}
DATA_SOURCES: Mapping[str, Behaviour] = {}
