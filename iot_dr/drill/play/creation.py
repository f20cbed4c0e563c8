"""Creates the resources of synthesized JSON in a made-up AWS account, by AWS's APIs."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, cast

from environments.settings import Settings
from iot_dr.drill.play.account import client
from iot_dr.drill.play.references import ONLY_OURS, Found, LinkedStacks, Stack, UnknownValueError
from modules.global_region import GLOBAL_REGION

Attributes = dict[str, Any]

_HANDED_OVER: Final = re.compile(r"data\.terraform_remote_state\.(\w+)\.outputs\.(\w+)")
# `${tolist(aws_x.y.list).0.attribute}` and `${aws_x.y.attribute}`; otherwise inside a function.
_LAST: Final = re.compile(r"\.(\w+)\}$")
_ATTRIBUTE: Final = re.compile(r"aws_\w+\.\w+\.(\w+)")
_MERGED: Final = "${merge("
_JSON: Final = "${jsonencode("


@dataclass
class ResourceCreator:
    """Creates each resource once, after the resources that it refers to."""

    settings: Settings
    stacks: LinkedStacks
    endpoint: str
    _done: dict[tuple[str, str, int], Attributes] = field(
        default_factory=dict[tuple[str, str, int], Attributes]
    )

    def made(self, result: Found) -> Attributes:
        """Return the attributes of a resource that others refer to."""
        key = result.stack.name, result.type, id(result.body)
        if key not in self._done:
            make = _MAKERS.get(result.type, _made_up)
            self._done[key] = make(self, result)
        return self._done[key]

    def value(self, stack: Stack, given: Any) -> Any:  # noqa: ANN401 - any argument of Terraform's JSON
        """Return an argument with its references resolved."""
        if isinstance(given, dict):
            mapping = cast("dict[str, Any]", given)
            return {name: self.value(stack, each) for name, each in mapping.items()}
        if isinstance(given, list):
            return [self.value(stack, each) for each in cast("list[Any]", given)]
        if not isinstance(given, str) or "${" not in given:
            return given
        if given.startswith((_MERGED, _JSON)):
            is_json = given.startswith(_JSON)
            result = self.value(stack, _argument(given, _JSON if is_json else _MERGED))
            return json.dumps(result) if is_json else result
        if handed_over := _HANDED_OVER.search(given):
            upstream = self.stacks.by_name[handed_over[1].replace("_", "-")]
            return self.value(upstream, upstream.outputs[handed_over[2]])
        attribute = _LAST.search(given) or _ATTRIBUTE.search(given)
        if attribute is None:
            raise UnknownValueError(f"{stack.name}: {given} has no attribute; {ONLY_OURS}")
        return self.made(self.stacks.follow(stack, given))[attribute[1]]

    def arguments(self, result: Found) -> Attributes:
        """Return a resource's arguments, without descriptions."""
        hidden = ("//", "lifecycle", "depends_on", "alarm_description", "resource_path")
        named = {name: each for name, each in result.body.items() if name not in hidden}
        return self.value(result.stack, named)

    def zone(self, name: str, zone_id: str | None = None) -> Attributes:
        """Return the attributes of a zone, which is created with this id if it does not exist."""
        route53 = self.client("route53", GLOBAL_REGION)
        zones = route53.list_hosted_zones_by_name(DNSName=name)["HostedZones"]
        if not zones:
            made = route53.create_hosted_zone(Name=name, CallerReference=zone_id or name)
            zones = [made["HostedZone"]]
        servers = route53.get_hosted_zone(Id=zones[0]["Id"])["DelegationSet"]["NameServers"]
        return {"zone_id": zones[0]["Id"].rpartition("/")[2], "name_servers": servers}

    def client(self, service: str, region: str) -> Any:  # noqa: ANN401 - boto3's clients are untyped
        """Return a client of the account."""
        return client(service, region, self.endpoint)


def _argument(given: str, function: str) -> Any:  # noqa: ANN401 - any argument of Terraform's JSON
    """Return the only argument of a function, a mapping or list in Terraform's language."""
    text = given.removeprefix(function).removesuffix(")}").replace('" = ', '": ')
    return json.loads(re.sub(r"(?<=: )((?:data|aws_)[\w.]+)", r'"${\1}"', text))


def _made_up(creator: ResourceCreator, result: Found) -> Attributes:
    """Create nothing: return the arguments, and a made-up id, ARN and addresses."""
    place = f"{result.region}:{creator.settings.account_id}"
    return {
        **result.body,
        "id": "0123456789",
        "arn": f"arn:aws:sns:{place}:alarms",
        "api_endpoint": f"https://{result.region}.test",
        "url": f"https://sqs.{result.region}.test/queue",
    }


def _zone(creator: ResourceCreator, result: Found) -> Attributes:
    name = result.body.get("name") or creator.settings.zone_name
    return creator.zone(name, result.body.get("zone_id"))


def _certificate(creator: ResourceCreator, result: Found) -> Attributes:
    acm = creator.client("acm", result.region)
    # A data source has `domain`.
    domain = result.body.get("domain_name") or result.body["domain"]
    arn = acm.request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"]
    (option,) = acm.describe_certificate(CertificateArn=arn)["Certificate"][
        "DomainValidationOptions"
    ]
    record = option["ResourceRecord"]
    return {
        "arn": arn,
        "resource_record_name": record["Name"],
        "resource_record_type": record["Type"],
        "resource_record_value": record["Value"],
    }


def _issued(creator: ResourceCreator, result: Found) -> Attributes:
    return {"certificate_arn": creator.value(result.stack, result.body["certificate_arn"])}


def _endpoint(creator: ResourceCreator, result: Found) -> Attributes:
    iot = creator.client("iot", result.region)
    return {
        "endpoint_address": iot.describe_endpoint(endpointType="iot:Data-ATS")["endpointAddress"]
    }


def _domain_configuration(creator: ResourceCreator, result: Found) -> Attributes:
    given = creator.arguments(result)
    creator.client("iot", result.region).create_domain_configuration(
        domainConfigurationName=given["name"],
        domainName=given["domain_name"],
        serverCertificateArns=given["server_certificate_arns"],
        serviceType=given["service_type"],
    )
    return {}


def _health_check(creator: ResourceCreator, result: Found) -> Attributes:
    given = creator.arguments(result)
    config: dict[str, Any] = {"Type": given["type"]}
    if given["type"] == "CALCULATED":
        config["ChildHealthChecks"] = given["child_healthchecks"]
        config["HealthThreshold"] = given["child_health_threshold"]
    elif given["type"] == "CLOUDWATCH_METRIC":
        region, name = given["cloudwatch_alarm_region"], given["cloudwatch_alarm_name"]
        config["AlarmIdentifier"] = {"Region": region, "Name": name}
        config["InsufficientDataHealthStatus"] = given["insufficient_data_health_status"]
    else:
        config["FullyQualifiedDomainName"] = given["fqdn"].removeprefix("https://")
        config["Port"] = given["port"]
        config["RequestInterval"] = given["request_interval"]
        config["FailureThreshold"] = given["failure_threshold"]
    made = creator.client("route53", GLOBAL_REGION).create_health_check(
        CallerReference=given["tags"]["Name"], HealthCheckConfig=config
    )
    return {"id": made["HealthCheck"]["Id"]}


def _alarm(creator: ResourceCreator, result: Found) -> Attributes:
    given = creator.arguments(result)
    creator.client("cloudwatch", result.region).put_metric_alarm(
        **_evaluated(given),
        AlarmName=given["alarm_name"],
        ComparisonOperator=given["comparison_operator"],
        Threshold=given["threshold"],
        EvaluationPeriods=given["evaluation_periods"],
        TreatMissingData=given["treat_missing_data"],
    )
    return {"alarm_name": given["alarm_name"]}


def _evaluated(given: Attributes) -> Attributes:
    """Return the metric or the queries of an alarm."""
    if "metric_query" in given:
        names = {"id": "Id", "expression": "Expression", "period": "Period"}
        return {
            "Metrics": [
                {"ReturnData": query["return_data"]}
                | {there: query[here] for here, there in names.items()}
                for query in given["metric_query"]
            ]
        }
    dimensions = [{"Name": name, "Value": each} for name, each in given["dimensions"].items()]
    return {
        "Namespace": given["namespace"],
        "MetricName": given["metric_name"],
        "Dimensions": dimensions,
        "Statistic": given["statistic"],
        "Period": given["period"],
    }


def _topic(creator: ResourceCreator, result: Found) -> Attributes:
    made = creator.client("sns", result.region).create_topic(Name=result.body["name"])
    return {"arn": made["TopicArn"]}


def _record(creator: ResourceCreator, result: Found) -> Attributes:
    given = creator.arguments(result)
    record: dict[str, Any] = {"Name": given["name"], "Type": given["type"]}
    if alias := given.get("alias"):
        record["AliasTarget"] = {
            "HostedZoneId": alias["zone_id"],
            "DNSName": alias["name"],
            "EvaluateTargetHealth": alias["evaluate_target_health"],
        }
    else:
        record["TTL"] = given["ttl"]
        record["ResourceRecords"] = [{"Value": value} for value in given["records"]]
    if policy := given.get("failover_routing_policy"):
        record |= {"SetIdentifier": given["set_identifier"], "Failover": policy["type"]}
    if check := given.get("health_check_id"):
        record["HealthCheckId"] = check
    creator.client("route53", GLOBAL_REGION).change_resource_record_sets(
        HostedZoneId=given["zone_id"],
        ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]},
    )
    return {"fqdn": given["name"], "name": given["name"]}


_MAKERS: Final[dict[str, Callable[[ResourceCreator, Found], Attributes]]] = {
    "aws_route53_zone": _zone,
    "aws_sns_topic": _topic,
    "aws_acm_certificate": _certificate,
    "aws_acm_certificate_validation": _issued,
    "aws_iot_endpoint": _endpoint,
    "aws_iot_domain_configuration": _domain_configuration,
    "aws_route53_health_check": _health_check,
    "aws_cloudwatch_metric_alarm": _alarm,
    "aws_route53_record": _record,
}
