"""The API through which Route 53's health checkers invoke a region's canary."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdktf import ITerraformDependable, TerraformResource, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.apigatewayv2_api import Apigatewayv2Api
from cdktf_cdktf_provider_aws.apigatewayv2_integration import Apigatewayv2Integration
from cdktf_cdktf_provider_aws.apigatewayv2_route import Apigatewayv2Route
from cdktf_cdktf_provider_aws.apigatewayv2_stage import (
    Apigatewayv2Stage,
    Apigatewayv2StageDefaultRouteSettings,
    Apigatewayv2StageRouteSettings,
)
from cdktf_cdktf_provider_aws.lambda_permission import LambdaPermission
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from modules.alarm import Alarm, AlarmInputs, alarm_name
from modules.context import Context
from modules.function import FunctionOutputs
from modules.function_limits import API_MILLISECONDS, API_PAYLOAD, BURST, RATE
from modules.module import Module
from modules.name_limits import API_NAME_LIMIT

# Requests a minute: about six times the checkers' rate, a tenth of the route's limit.
_FLOOD, _PERIOD = 600, 60


@dataclass(frozen=True, kw_only=True)
class HealthApiInputs:
    """The canary function, and the topic that the alarm on too many requests notifies."""

    provider: AwsProvider
    context: Context
    function: FunctionOutputs
    topic_arn: str


@dataclass(frozen=True, kw_only=True)
class HealthApiOutputs:
    """The host and the secret path; `dependencies` is for the health check's `depends_on`."""

    host: str
    path: str
    dependencies: Sequence[ITerraformDependable]


class HealthApi(Module):
    """An HTTP API with one route, whose path is secret and which has its own throttling limits.

    A throttled checker gets status 429, which counts as unhealthy, so whoever exhausts the limit
    could force a failover. Therefore Terraform generates a secret path (sensitive in every plan),
    the limit is far above the checkers' rate, no other path is routed, and an alarm goes off at
    more requests than checkers send. To change the path, replace `terraform_data.health_path`: the
    new route is deployed before the check uses it, and the old one is destroyed after. Sources:
    docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html,
    docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html.
    """

    def __init__(self, scope: Construct, id_: str, inputs: HealthApiInputs) -> None:
        super().__init__(scope, id_)
        self._inputs = inputs
        self._secret = f"terraform_data.{self.logical_id('health_path')}"
        self._path = f"/health/${{sensitive({self._secret}.triggers_replace)}}"
        api = self.flat(
            Apigatewayv2Api(
                self,
                "api",
                provider=inputs.provider,
                name=inputs.context.name("health", API_NAME_LIMIT),
                protocol_type="HTTP",
            ),
            "health",
        )
        permission = self._permission(api)
        self._make_secret()
        self._alarm_on_flood(api)
        route = self._route(api)
        self.outputs = HealthApiOutputs(
            host=f"${{trimprefix(aws_apigatewayv2_api.{self.logical_id('health')}.api_endpoint,"
            ' "https://")}',
            path=self._path,
            dependencies=[permission, self._stage(api, route)],
        )

    def _make_secret(self) -> None:
        # CDKTF's own class for `terraform_data` runs `terraform version` at every synthesis.
        secret = TerraformResource(
            self,
            "path",
            terraform_resource_type="terraform_data",
            lifecycle=TerraformResourceLifecycle(
                create_before_destroy=True, ignore_changes=["triggers_replace"]
            ),
        )
        # Not `input`, whose copy in `output` Terraform does not treat as sensitive.
        secret.add_override("triggers_replace", "${sensitive(uuid())}")
        self.flat(secret, "health_path")

    def _route(self, api: Apigatewayv2Api) -> Apigatewayv2Route:
        integration = self.flat(
            Apigatewayv2Integration(
                self,
                "integration",
                provider=self._inputs.provider,
                api_id=api.id,
                integration_type="AWS_PROXY",
                integration_uri=self._inputs.function.invoke_arn,
                payload_format_version=API_PAYLOAD,
                timeout_milliseconds=API_MILLISECONDS,
            ),
            "health",
        )
        route = Apigatewayv2Route(
            self,
            "route",
            provider=self._inputs.provider,
            api_id=api.id,
            route_key=f"GET {self._path}",
            target=f"integrations/{integration.id}",
            lifecycle=TerraformResourceLifecycle(create_before_destroy=True),
        )
        # An update in place would remove the old path before the check uses the new one. CDKTF's
        # property would write the reference as an expression, which Terraform rejects here.
        route.add_override("lifecycle.replace_triggered_by", [self._secret])
        return self.flat(route, "health")

    def _stage(self, api: Apigatewayv2Api, route: Apigatewayv2Route) -> Apigatewayv2Stage:
        return self.flat(
            Apigatewayv2Stage(
                self,
                "stage",
                provider=self._inputs.provider,
                api_id=api.id,
                name="$default",
                auto_deploy=True,
                # For the old path while it is being replaced: checkers still request it.
                default_route_settings=Apigatewayv2StageDefaultRouteSettings(
                    throttling_rate_limit=RATE, throttling_burst_limit=BURST
                ),
                route_settings=[
                    Apigatewayv2StageRouteSettings(
                        route_key=route.route_key,
                        throttling_rate_limit=RATE,
                        throttling_burst_limit=BURST,
                    )
                ],
            ),
            "health",
        )

    def _alarm_on_flood(self, api: Apigatewayv2Api) -> None:
        """Add an alarm on requests for any path, not only on those that reach the function.

        `Count` by API needs no detailed metrics:
        docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html.
        """
        context = self._inputs.context
        alarm = AlarmInputs(
            provider=self._inputs.provider,
            slot="health_flood",
            name=alarm_name(context, "health-flood"),
            description=f"The health API in {context.region} is asked far more often than Route 53"
            f" asks it. Above {RATE} requests a second for its path the health check fails and"
            " devices are switched away: make a new path.",
            namespace="AWS/ApiGateway",
            metric="Count",
            dimensions={"ApiId": api.id},
            statistic="Sum",
            threshold=_FLOOD,
            period=_PERIOD,
            evaluation_periods=1,
            # The canary's own alarm covers missing requests.
            treat_missing_data="notBreaching",
            topic_arn=self._inputs.topic_arn,
        )
        Alarm(self, "flood", alarm)

    def _permission(self, api: Apigatewayv2Api) -> LambdaPermission:
        return self.flat(
            LambdaPermission(
                self,
                "permission",
                provider=self._inputs.provider,
                statement_id="HealthApi",
                action="lambda:InvokeFunction",
                function_name=self._inputs.function.name,
                principal="apigateway.amazonaws.com",
                source_arn=f"{api.execution_arn}/*/GET/health/*",
            ),
            "health",
        )
