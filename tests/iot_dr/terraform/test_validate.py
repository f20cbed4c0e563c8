import json
import shutil
from typing import Any

import pytest

from iot_dr.terraform.diagnostic import TerraformError
from tests.iot_dr.terraform.project import Project

pytestmark = pytest.mark.usefixtures("lent")

ZONE = {"aws_route53_zone": {"z": {"name": "iot-dev.example.com"}}}
RECORD = {"zone_id": "Z0123456789", "name": "mqtt.example.com", "type": "CNAME", "ttl": 60}
CNAME = {**RECORD, "records": ["a.example.com"]}
PORT_CHECK = {"type": "TCP", "fqdn": "a.example.com", "port": 8883, "request_interval": 30}
CERTIFICATE = {"domain_name": "*.example.com", "validation_method": "DNS"}


def record(**changes: Any) -> dict[str, Any]:
    return {"aws_route53_record": {"r": {**CNAME, **changes}}}


def check(**changes: Any) -> dict[str, Any]:
    return {"aws_route53_health_check": {"h": {**PORT_CHECK, **changes}}}


def certificate(**changes: Any) -> dict[str, Any]:
    return {"aws_acm_certificate": {"c": {**CERTIFICATE, **changes}}}


def test_a_right_stack_has_no_diagnostics(project: Project) -> None:
    project.write({**ZONE, **record(), **check(), **certificate()})
    assert project.errors() == ""


@pytest.mark.parametrize("text", ["resource {", 'resource "aws_sqs_queue" "q" {\n  nme = "x"\n}'])
@pytest.mark.parametrize("copy", ["assets/source/41EA", ".terraform/modules"])
def test_an_error_in_a_copied_module_names_the_projects_file(
    project: Project, text: str, copy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write({})
    root, file = project.folder.parent, project.folder / "cdk.tf.json"
    module, asset = root / "modules" / "audit", project.folder / copy
    module.mkdir(parents=True)
    (module / "main.tf").write_text(text)
    (root / "cdktf.json").write_text("{}")
    monkeypatch.setenv("IOT_DR_ROOT", str(root))
    monkeypatch.chdir(root)
    if copy.startswith("assets"):
        shutil.copytree(module, asset)
        shutil.copytree(module, root / "modules" / "twin")
    source = f"./{copy}" if asset.exists() else str(module)
    own = {"module": {"audit": {"source": source}}}
    file.write_text(json.dumps(json.loads(file.read_text()) | own))
    try:
        said = project.errors()
    except TerraformError as error:
        said = str(error)
    twin = " or modules/twin/main.tf" if copy.startswith("assets") else ""
    assert f"modules/audit/main.tf{twin}:" in said
    assert copy not in said


@pytest.mark.parametrize(
    ("resources", "said"),
    [
        ({"aws_route53_zone": {"z": {"name": "e.com", "nmae": "x"}}}, 'named "nmae"'),
        ({"aws_route53_zone": {"z": {"comment": "x"}}}, '"name" is required'),
        ({"aws_route53_zonee": {"z": {"name": "e.com"}}}, '"aws_route53_zonee"'),
        (record(ttl="soon"), "a number is required"),
        (record(records="a.example.com"), "set of string required"),
        (record(alias=[{"name": "x"}, {"name": "y"}]), "No more than 1"),
        (record(zone_id="${aws_route53_zone.z.zoneid}") | ZONE, 'named "zoneid"'),
        (record(zone_id="${aws_route53_zone.other.zone_id}"), "undeclared resource"),
        (
            {"aws_route53_zone": {"z": {"name": "e.com", "provider": "aws.mars"}}},
            "configuration not present",
        ),
        (record(type="CNAM"), "expected type to be one of SOA, A,"),
        (record(ttl=-1), "expected ttl to be between 0"),
        (record(records=[]), "expected records to have 1 members or more"),
        (record(set_identifier="x", failover_routing_policy=[{"type": "FIRST"}]), "got FIRST"),
        (record(failover_routing_policy=[{"type": "PRIMARY"}]), 'needs "set_identifier"'),
        (check(request_interval=20), "expected request_interval to be one of 10, 30"),
        (check(failure_threshold=11), "between 1 and 10, got 11"),
        (check(ip_address="somewhere"), "an IP address"),
        (check(regions=["eu-west-1"]), "3 members or more"),
        (certificate(validation_method="POST"), "one of EMAIL, DNS, HTTP, got POST"),
        (certificate(private_key="x"), '"private_key" conflicts with "domain_name"'),
        ({"aws_acm_certificate": {"c": {}}}, "one of domain_name, private_key must be set"),
        ({"aws_iot_policy": {"p": {"name": "a b", "policy": "{}"}}}, "expected name to be"),
        ({"aws_iot_policy": {"p": {"name": "p", "policy": "{"}}}, "expected policy to be JSON"),
        ({"aws_s3_bucket": {"b": {"bucket": "Upper"}}}, "expected bucket to be a bucket name"),
        ({"aws_route53_zone": {"z": {"name": "e.com", "zone_id": "Z1"}}}, "zone_id"),
        ({"aws_kinesis_stream": {"s": {"name": "s", "shard_count": "x"}}}, "a number is required"),
    ],
)
def test_what_the_schema_forbids_or_aws_would_refuse_is_refused(
    project: Project, resources: dict[str, Any], said: str
) -> None:
    project.write(resources)
    assert said in project.errors()


def test_a_wrong_value_is_reported_with_its_place(project: Project) -> None:
    domain = {
        "name": "device",
        "server_certificate_arns": [],
        "tls_config": [{"security_policy": "TLS13"}],
    }
    project.write({"aws_iot_domain_configuration": {"d": domain}})
    project.terraform.init(backend=False)
    (found,) = project.terraform.validate()
    assert (found.severity, found.file) == ("error", "cdk.tf.json")
    assert found.context == "resource.aws_iot_domain_configuration.d.tls_config[0]"
    assert found.code is not None
    assert "security_policy" in found.code


def test_a_wrong_data_source_is_refused(project: Project) -> None:
    project.write({}, data={"aws_iot_endpoint": {"e": {"endpoint_type": "iot:Everything"}}})
    assert "iot:Data-ATS" in project.errors()


def test_a_value_not_known_yet_is_not_judged(project: Project) -> None:
    unknown = "${aws_route53_zone.z.zone_id}"
    project.write({**ZONE, **record(zone_id=unknown, type=unknown, records=[unknown])})
    assert project.errors() == ""
