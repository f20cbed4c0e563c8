"""A design has one verdict in every form of its Terraform, or is not proved where it is unknown."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from iot_dr.design.check_request import endpoint_of
from iot_dr.design.unjudged import unjudged_names
from iot_dr.prover.proof import Proof
from iot_dr.prover.proofs import proofs
from iot_dr.route53.terraform_checks import declared_checks
from iot_dr.route53.terraform_records import CHECK
from iot_dr.rules import check_never_passes, device_path_differs, failover_not_proved
from iot_dr.rules.engine import judge
from iot_dr.rules.rule import Verdict
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.iot_dr.review.fleet_plan import reviewed
from tests.support.forms import Applied, Json, documents, forms

FORMS = ("first plan", "state", "plan without changes")
WEST, CENTRAL = "eu-west-1", "eu-central-1"
APPLIED = ("state", "plan without changes")


def verdict(proof: Proof) -> str:
    return "disproved" if proof.violations else "proved" if proof.is_proved else "not proved"


def verdicts(design: Iterator[Applied]) -> dict[str, str]:
    """Return the verdict of the proof of the design's one name in each form."""
    every = {form: proofs(resources) for form, resources in forms(design).items()}
    return {form: verdict(proof) for form, (proof,) in every.items()}


def zone(**literals: object) -> Applied:
    return Applied(
        address="aws_route53_zone.zone",
        region=WEST,
        literals={"name": "example.com", **literals},
        made={"id": "Z1", "zone_id": "Z1"},
    )


def record(side: str, target: Json, references: list[str]) -> Applied:
    """One record of the pair, with the check of its side."""
    return Applied(
        address=f"aws_route53_record.{side}",
        region=WEST,
        literals={
            "name": "api.example.com",
            "set_identifier": side,
            "ttl": 60,
            "failover_routing_policy": [{"type": side.upper()}],
            **{key: value for key, value in target.items() if key == "type"},
        },
        references={
            "zone_id": ["aws_route53_zone.zone.zone_id", "aws_route53_zone.zone"],
            "health_check_id": [f"aws_route53_health_check.{side}.id"],
            "records": references,
        },
        made={
            **{key: value for key, value in target.items() if key != "type"},
            "zone_id": "Z1",
            "health_check_id": f"check-{side}",
            "id": f"Z1_api.example.com_{side}",
        },
    )


def check(side: str, literals: Json, made: Json, references: dict[str, list[str]]) -> Applied:
    return Applied(
        address=f"aws_route53_health_check.{side}",
        region=WEST,
        literals={"failure_threshold": 3, "request_interval": 10, **literals},
        references=references,
        made={"id": f"check-{side}", **made},
    )


def addresses(secondary: str = CENTRAL) -> Iterator[Applied]:
    """Two Elastic IP addresses behind one name, each with a TCP check."""
    yield zone()
    for side, region, ip in (("primary", WEST, "52.0.0.1"), ("secondary", secondary, "52.0.0.2")):
        reference = [f"aws_eip.{side}.public_ip", f"aws_eip.{side}"]
        yield Applied(address=f"aws_eip.{side}", region=region, made={"public_ip": ip})
        yield record(side, {"type": "A", "records": [ip]}, reference)
        port = {"type": "TCP", "port": 443}
        yield check(side, port, {"ip_address": ip}, {"ip_address": reference})


def apis(prefix: str = "", secondary: str = "b") -> Iterator[Applied]:
    """Two HTTP APIs behind one name, each with a check of its own host: a function of the URL."""
    yield zone()
    for side, region, own in (("primary", WEST, "a"), ("secondary", CENTRAL, "b")):
        host = f"{own}234567890.execute-api.{region}.amazonaws.com"
        asked = host if own == "a" else f"{secondary}{host[1:]}"
        of_api = {"api_id": [f"aws_apigatewayv2_api.{side}.id"]}
        id_ = {"api_id": host.partition(".")[0]}
        yield Applied(
            address=f"aws_apigatewayv2_api.{side}",
            region=region,
            literals={"name": "api", "protocol_type": "HTTP"},
            made={"id": id_["api_id"], "api_endpoint": f"https://{host}"},
        )
        yield Applied(
            address=f"aws_apigatewayv2_stage.{side}",
            region=region,
            literals={"name": "$default", "auto_deploy": True},
            references=of_api,
            made=id_,
        )
        yield Applied(
            address=f"aws_apigatewayv2_route.{side}",
            region=region,
            literals={"route_key": "GET /health"},
            references={**of_api, "target": [f"aws_apigatewayv2_integration.{side}.id"]},
            made={**id_, "target": f"integrations/{side}"},
        )
        yield Applied(
            address=f"aws_apigatewayv2_integration.{side}",
            region=region,
            literals={"integration_type": "HTTP_PROXY", "integration_uri": "https://example.org"},
            references=of_api,
            made={**id_, "id": side},
        )
        reference = [f"aws_apigatewayv2_api.{side}.api_endpoint", f"aws_apigatewayv2_api.{side}"]
        yield record(side, {"type": "CNAME", "records": [host]}, reference)
        https = {"type": "HTTPS", "port": 443, "resource_path": "/health"}
        yield check(side, https, {"fqdn": f"{prefix}{asked}"}, {"fqdn": reference})


def test_addresses_in_two_regions_are_proved_once_they_are_known() -> None:
    assert verdicts(addresses()) == dict.fromkeys(FORMS, "proved")


def test_addresses_in_one_region_are_disproved_in_every_form() -> None:
    assert verdicts(addresses(secondary=WEST)) == dict.fromkeys(FORMS, "disproved")


def never_passing(design: Iterator[Applied]) -> dict[str, list[Verdict]]:
    """Return the verdicts of the rule about checks that never pass."""
    rule = check_never_passes.RULE
    return {
        form: [finding.verdict for finding in rule.find(resources, None)]
        for form, resources in forms(design).items()
    }


def test_the_host_of_an_api_passes_though_its_url_is_what_the_expression_refers_to() -> None:
    assert not any(never_passing(apis()).values())
    assert "disproved" not in verdicts(apis()).values()


def test_a_url_blocks_where_it_is_known_and_is_not_judged_before() -> None:
    findings = never_passing(apis("https://"))
    blocked = [Verdict.BLOCK, Verdict.BLOCK]
    assert findings == {**dict.fromkeys(APPLIED, blocked), "first plan": []}
    assert verdicts(apis("https://")) == {
        **dict.fromkeys(APPLIED, "disproved"),
        "first plan": "not proved",
    }


def test_a_check_whose_host_is_not_known_says_that_it_is_not_judged() -> None:
    resources = forms(apis())
    first = judge(resources["first plan"], None).not_judged
    assert any("the host that aws_route53_health_check.primary checks" in each for each in first)
    for form in APPLIED:
        assert not any("the host that" in each for each in judge(resources[form], None).not_judged)


def test_a_check_of_another_host_than_the_api_that_it_refers_to_is_not_of_that_api() -> None:
    for form, resources in forms(apis(secondary="c")).items():
        endpoint = endpoint_of(resources, declared_checks(resources)[f"dns/{CHECK}.secondary"])
        assert (endpoint.api is None) is (form in APPLIED)


def test_a_review_says_what_is_not_judged_and_does_not_block() -> None:
    result = reviewed(documents(apis())["first plan"])
    assert result.verdict is not Verdict.BLOCK
    remark = "not judged: the host that aws_route53_health_check.primary checks is known only after"
    assert any(note.startswith(remark) for note in result.notes)


def test_a_target_that_is_not_known_proves_nothing_and_is_not_a_fault() -> None:
    unknown = {"records": ["local.a", "module.b.target"]}
    design = [
        replace(resource, references={**resource.references, **unknown})
        if resource.address.startswith("aws_route53_record")
        else resource
        for resource in addresses()
    ]
    resources = forms(design)["first plan"]
    (proof,) = proofs(resources)
    assert verdict(proof) == "not proved"
    assert "where aws_route53_record.primary leads is not known" in proof.unknown
    assert list(failover_not_proved.RULE.find(resources, None)) == []
    remark = "where aws_route53_record.primary leads is not known, so the failover of"
    assert any(remark in each for each in judge(resources, None).not_judged)


@pytest.mark.parametrize(
    "references",
    [
        ["local.checked", "aws_route53_health_check.secondary.id"],
        ["var.healthy", "aws_route53_health_check.primary.id", "aws_route53_health_check.x.id"],
        ["local.check"],
    ],
)
def test_a_part_of_an_expression_is_not_taken_for_the_check(references: list[str]) -> None:
    unknown = {"health_check_id": references}
    design = [
        replace(resource, references={**resource.references, **unknown})
        if resource.address == "aws_route53_record.primary"
        else resource
        for resource in (*addresses(), check("x", {"type": "TCP", "fqdn": "a.example.org"}, {}, {}))
    ]
    resources = forms(design)["first plan"]
    (proof,) = proofs(resources)
    assert verdict(proof) == "not proved"
    assert list(failover_not_proved.RULE.find(resources, None)) == []
    remark = "which health check aws_route53_record.primary uses is not known"
    assert any(remark in each for each in judge(resources, None).not_judged)
    assert verdicts(iter(design))["plan without changes"] == "proved"


@pytest.mark.parametrize("form", FORMS)
def test_a_private_zone_stays_private_though_other_resources_have_its_id(form: str) -> None:
    private = zone(vpc=[{"vpc_id": "vpc-1"}])
    resources = forms([private, *list(addresses())[1:]])[form]
    assert proofs(resources) == ()
    assert unjudged_names(resources) == ("failover records of a private zone: api.example.com",)


def functions(memory: int = 128) -> Iterator[Applied]:
    """A topic rule in two regions and its function, from one module that is called twice."""
    for side, region, size in (("primary", WEST, 128), ("standby", CENTRAL, memory)):
        arn = f"arn:aws:lambda:{region}:111111111111:function:capture"
        of_call = f".terraform/modules/{side}/package.zip"
        yield Applied(
            address=f"aws_lambda_function.{side}",
            region=region,
            literals={"function_name": "capture", "memory_size": size},
            references={"filename": ["path.module"]},
            made={"filename": of_call, "arn": arn, "qualified_arn": f"{arn}:{side}"},
        )
        yield Applied(
            address=f"aws_iot_topic_rule.{side}",
            region=region,
            literals={"name": "capture", "enabled": True},
            references={"lambda": [f"aws_lambda_function.{side}.arn"]},
            made={"lambda": [{"function_arn": arn}], "arn": f"arn:aws:iot:{region}:1:rule/{side}x"},
        )


def different(resources: ResourceSet) -> list[str]:
    findings = device_path_differs.RULE.find(resources, None)
    return [finding.message.partition(" ")[0] for finding in findings]


def test_what_aws_makes_is_not_compared_between_regions() -> None:
    for form, resources in forms(functions()).items():
        assert different(resources) == [], form


def test_an_argument_that_differs_is_found_in_a_plan_and_not_judged_in_a_state() -> None:
    resources = forms(functions(memory=256))
    assert different(resources["first plan"]) == ["memory_size"]
    assert different(resources["plan without changes"]) == ["memory_size"]
    assert different(resources["state"]) == []
    (remark,) = device_path_differs.RULE.not_judged(resources["state"])
    assert "a state does not distinguish arguments" in remark
