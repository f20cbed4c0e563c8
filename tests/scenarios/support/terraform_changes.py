"""What Terraform's applies have changed, in the order in which they ended, made in AWS's APIs too.

The stand-in has no account, so what it applies is sent to moto one call after another, as the
provider sends it: each record in a change batch of its own (hashicorp/terraform-provider-aws,
`internal/service/route53/record.go`). moto refuses what Route 53 refuses.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from iot_dr.observe.switch.record_sets import RecordSet
from modules.global_region import GLOBAL_REGION
from tests.scenarios.support.found_account import FoundAccount

Values = Mapping[str, Any]
States = Mapping[tuple[str, str], Values]
"""The attributes of the applied resources, by stack and address."""

_RUN: Final = re.compile(r"^== (?P<stack>[\w-]+): terraform (?:apply|destroy),.*$", re.MULTILINE)
_DONE: Final = re.compile(
    r"^(?P<address>\w+\.\w+): (?P<what>Creation|Modifications|Destruction) complete", re.MULTILINE
)
_CHECK: Final = "aws_route53_health_check"


@dataclass(frozen=True)
class Change:
    """One change of a resource; `values` are those after it, or before a destruction."""

    stack: str
    address: str
    what: str
    values: Values

    @property
    def type(self) -> str:
        """The type of the resource."""
        return self.address.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.what} of {self.stack} {self.address}"


def states(sandbox: Path) -> States:
    """Return what a sandbox's states have."""
    return {
        (file.stem, f"{resource['type']}.{resource['name']}"): instance["attributes"]
        for file in (sandbox / "s3").rglob("*.tfstate")
        for resource in json.loads(file.read_bytes())["resources"]
        if resource["mode"] == "managed"
        for instance in resource["instances"]
    }


def changes(log: str, before: States, after: States) -> Iterator[Change]:
    """Yield the changes that a log of `iot-dr` shows, with values of the states around them."""
    _, *parts = _RUN.split(log)
    for stack, text in zip(parts[::2], parts[1::2], strict=True):
        for done in _DONE.finditer(text):
            key = stack, done["address"]
            is_gone = done["what"] == "Destruction"
            yield Change(*key, done["what"], (before if is_gone else after)[key])


def record_set(values: Values) -> RecordSet:
    """Return a record of a state in the form of Route 53's API."""
    record: dict[str, Any] = {"Name": values["name"], "Type": values["type"]}
    if alias := values["alias"]:
        record["AliasTarget"] = {
            "HostedZoneId": alias[0]["zone_id"],
            "DNSName": alias[0]["name"],
            "EvaluateTargetHealth": alias[0]["evaluate_target_health"],
        }
    else:
        record["TTL"] = values["ttl"]
        record["ResourceRecords"] = [{"Value": value} for value in values["records"]]
    if policy := values["failover_routing_policy"]:
        record |= {"SetIdentifier": values["set_identifier"], "Failover": policy[0]["type"]}
    if check := values["health_check_id"]:
        record["HealthCheckId"] = check
    return record


@dataclass(frozen=True)
class Replay:
    """Sends changes to an account; types that no command of `adopt` reads are left out."""

    account: FoundAccount

    def __call__(self, change: Change) -> None:
        """Send one change."""
        makers: Mapping[str, Callable[[Change], None]] = {
            "aws_route53_record": self._record,
            _CHECK: self._check,
            "aws_cloudwatch_metric_alarm": self._alarm,
            "aws_iot_domain_configuration": self._domain,
            "aws_iot_policy": self._policy,
        }
        if make := makers.get(change.type):
            make(change)

    def _record(self, change: Change) -> None:
        actions = {"Creation": "CREATE", "Modifications": "UPSERT", "Destruction": "DELETE"}
        self.account.change((actions[change.what], record_set(change.values)))

    def _check(self, change: Change) -> None:
        route53, values = self.account.route53, change.values
        if change.what == "Destruction":
            route53.delete_health_check(HealthCheckId=values["id"])
            return
        assert change.what == "Creation", change
        config: dict[str, Any] = {"Type": values["type"]}
        if config["Type"] == "CALCULATED":
            config["ChildHealthChecks"] = values["child_healthchecks"]
            config["HealthThreshold"] = values["child_health_threshold"]
        elif config["Type"] == "CLOUDWATCH_METRIC":
            config["AlarmIdentifier"] = {
                "Region": values["cloudwatch_alarm_region"],
                "Name": values["cloudwatch_alarm_name"],
            }
        else:
            config["FullyQualifiedDomainName"] = values["fqdn"]
            config["Port"] = values["port"]
        # This test's moto gives a check the id that is its reference.
        route53.create_health_check(CallerReference=values["id"], HealthCheckConfig=config)

    def _alarm(self, change: Change) -> None:
        values = change.values
        cloudwatch = self.account.client("cloudwatch", values["region"])
        name = values["alarm_name"]
        if change.what == "Destruction":
            cloudwatch.delete_alarms(AlarmNames=[name])
        elif values["metric_name"]:
            dimensions = values["dimensions"] or {}
            cloudwatch.put_metric_alarm(
                AlarmName=name,
                Namespace=values["namespace"],
                MetricName=values["metric_name"],
                Dimensions=[{"Name": key, "Value": each} for key, each in dimensions.items()],
                Statistic=values["statistic"],
                ComparisonOperator=values["comparison_operator"],
                Threshold=values["threshold"],
                Period=values["period"],
                EvaluationPeriods=values["evaluation_periods"],
            )
            cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="no data")

    def _domain(self, change: Change) -> None:
        account, values = self.account, change.values
        iot, name = account.client("iot", values["region"]), values["name"]
        if change.what == "Destruction":
            iot.delete_domain_configuration(domainConfigurationName=name)
            return
        if change.what == "Creation":
            iot.create_domain_configuration(
                domainConfigurationName=name,
                domainName=values["domain_name"],
                serverCertificateArns=values["server_certificate_arns"],
                serviceType=values["service_type"],
            )
        account.tls[name] = values["tls_config"][0]["security_policy"]
        account.tags[name] = values["tags_all"]

    def _policy(self, change: Change) -> None:
        account, values = self.account, change.values
        iot, name = account.client("iot", values["region"]), values["name"]
        if change.what == "Destruction":
            iot.delete_policy(policyName=name)
        elif change.what == "Creation":
            iot.create_policy(policyName=name, policyDocument=values["policy"])
        elif json.loads(iot.get_policy(policyName=name)["policyDocument"]) != json.loads(
            values["policy"]
        ):
            iot.create_policy_version(
                policyName=name, policyDocument=values["policy"], setAsDefault=True
            )
        account.tags[name] = values["tags_all"]


def keep_states(sandbox: Path, account: FoundAccount) -> None:
    """Copy the sandbox's states to the buckets of the account, from which commands read them."""
    for file in (sandbox / "s3").rglob("*.tfstate"):
        bucket, key = file.relative_to(sandbox / "s3").parts[0], file.relative_to(sandbox / "s3")
        account.client("s3", GLOBAL_REGION).put_object(
            Bucket=bucket, Key=key.relative_to(bucket).as_posix(), Body=file.read_bytes()
        )
