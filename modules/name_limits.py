"""The most characters of a name, by kind; importable without CDKTF.

The pages are below docs.aws.amazon.com.
"""

from typing import Final

ALARM_NAME_LIMIT: Final = 255  # AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
API_NAME_LIMIT: Final = 128  # apigatewayv2/latest/api-reference/apis.html
BUCKET_NAME_LIMIT: Final = 63  # AmazonS3/latest/userguide/bucketnamingrules.html
CHECK_NAME_LIMIT: Final = 255  # a tag: Route53/latest/DeveloperGuide/health-checks-tagging.html
DASHBOARD_NAME_LIMIT: Final = 255  # AmazonCloudWatch/latest/APIReference/API_PutDashboard.html
DOMAIN_CONFIGURATION_NAME_LIMIT: Final = 128  # iot/latest/apireference: CreateDomainConfiguration
IAM_POLICY_NAME_LIMIT: Final = 128  # IAM/latest/UserGuide/reference_iam-quotas.html
IOT_POLICY_NAME_LIMIT: Final = 128  # iot/latest/apireference/API_CreatePolicy.html
RULE_NAME_LIMIT: Final = 128  # iot/latest/apireference/API_CreateTopicRule.html (ruleName)
TEMPLATE_NAME_LIMIT: Final = 36  # iot/latest/apireference/API_CreateProvisioningTemplate.html
TOPIC_NAME_LIMIT: Final = 256  # sns/latest/api/API_CreateTopic.html
