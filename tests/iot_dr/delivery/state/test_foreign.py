"""A state that is not its stack's is refused before Terraform plans to destroy it."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any, cast

import pytest

from iot_dr.delivery.session import Session
from iot_dr.delivery.state.foreign import ForeignStateError, refuse_foreign
from iot_dr.operate.rotate.rotation_terraform import RotationTerraform
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.pool import Pool
from iot_dr.terraform.stack_document import StackDocument
from iot_dr.terraform_json.json_value import Json
from tests.support.refusal import refusal
from tests.support.state_files import state_file, state_resource

STACK = "iot-dev-iot-eu-central-1"
OWN_TAGS = {"Project": "example", "Environment": "dev", "ManagedBy": "iot-dr"}
DOCUMENT = StackDocument(
    {
        "terraform": {
            "backend": {
                "s3": {"bucket": "b", "key": f"dev/{STACK}.tfstate", "region": "eu-central-1"}
            }
        },
        "provider": {"aws": [{"region": "eu-central-1", "default_tags": [{"tags": OWN_TAGS}]}]},
        "resource": {"aws_iot_policy": {"device": {}}, "aws_route53_record": {"regional_name": {}}},
        "output": {"regional_name": {}},
    }
)


def resource(address: str, **attributes: Json) -> dict[str, Any]:
    return {**state_resource(address), "instances": [{"attributes": attributes}]}


def state(*resources: dict[str, Any], outputs: tuple[str, ...] = ()) -> bytes:
    return state_file(*resources, outputs=dict.fromkeys(outputs, 1))


def refuse(content: bytes | None, document: StackDocument = DOCUMENT, stack: str = STACK) -> None:
    refuse_foreign(stack, document, lambda _location, _role: content)


POLICY = resource("aws_iot_policy.device", region="eu-central-1", tags_all=OWN_TAGS)
OWN = [
    pytest.param(None, id="no state"),
    pytest.param(b"", id="an empty object"),
    pytest.param(state(), id="an empty state"),
    pytest.param(state(POLICY), id="its own"),
    pytest.param(state(POLICY, resource("aws_sns_topic.a")), id="one of its resources"),
    pytest.param(state(resource("aws_iot_policy.former")), id="a resource that got another name"),
    pytest.param(
        state(resource("aws_a.a"), resource("aws_a.b"), outputs=("regional_name",)),
        id="its own outputs",
    ),
    pytest.param(
        state(POLICY, resource("aws_route53_record.regional_name", tags_all={"Project": "x"})),
        id="a tag that somebody set",
    ),
    pytest.param(
        state(POLICY, resource("aws_a.a", tags_all={**OWN_TAGS, "Environment": "prod"})),
        id="tags that an apply did not change any more",
    ),
    pytest.param(
        state(POLICY, resource("aws_route53_health_check.deep", region="us-east-1")),
        id="a resource elsewhere",
    ),
]
FOREIGN = [
    pytest.param(
        state(resource("aws_iot_policy.device", tags_all={**OWN_TAGS, "Project": "other"})),
        "its resources have the tags Project other, Environment dev",
        id="of another project",
    ),
    pytest.param(
        state(resource("aws_iot_policy.device", tags_all={**OWN_TAGS, "Environment": "prod"})),
        "its resources have the tags Project example, Environment prod",
        id="of another environment",
    ),
    pytest.param(
        state(resource("aws_iot_policy.device", region="eu-west-1")),
        "its resources are in eu-west-1",
        id="of another region",
    ),
    pytest.param(
        state(resource("aws_kinesis_stream.telemetry"), resource("aws_lambda_function.writer")),
        "none of its 2 resources, such as aws_kinesis_stream.telemetry, is in the stack's",
        id="of another stack",
    ),
]


@pytest.mark.parametrize("content", OWN)
def test_a_stacks_own_state_is_not_refused(content: bytes | None) -> None:
    assert refusal(refuse, content) == ""


@pytest.mark.parametrize(("content", "why"), FOREIGN)
def test_a_foreign_state_is_refused_with_its_place_and_what_to_do(content: bytes, why: str) -> None:
    with pytest.raises(ForeignStateError) as refused:
        refuse(content)
    message = str(refused.value)
    assert message.startswith(f"s3://b/dev/{STACK}.tfstate (eu-central-1) is not the state of")
    assert why in message
    assert "set project back in environments/dev.yaml" in message
    assert "docs/runbooks/state.md" in message


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"version": 4}', b'{"resources": [1]}'])
def test_an_unreadable_state_is_refused_with_how_it_is_restored(content: bytes) -> None:
    with pytest.raises(ForeignStateError, match="is not a Terraform state"):
        refuse(content)


def test_a_leaving_regions_stack_has_no_resources_of_its_own() -> None:
    leaving = StackDocument({**DOCUMENT.content, "resource": {}, "output": {}})
    assert refusal(refuse, state(resource("aws_a.a"), resource("aws_a.b")), leaving) == ""


# What an own stack may have (docs/how-to/own-stacks.md), and a state from before its last edit.
MODULE = {"module": {"audit": {"source": "./audit"}}}
EDITED = [
    pytest.param(
        MODULE,
        [
            {**resource(f"aws_a.{name}"), "module": 'module.audit["a"].module.inner'}
            for name in "ab"
        ],
        id="a resource is added to a module",
    ),
    pytest.param(
        {"moved": [{"from": "aws_a.a", "to": "aws_iot_policy.device"}]},
        [resource("aws_a.a"), resource("aws_a.b")],
        id="a resource has moved",
    ),
    pytest.param(
        {"removed": [{"from": "aws_a.a", "lifecycle": {"destroy": False}}]},
        [resource("aws_a.a"), resource("aws_a.b")],
        id="a resource is forgotten",
    ),
    pytest.param(
        {"provider": {"aws": [{}]}},
        [resource("aws_iot_policy.device", region="us-east-1")],
        id="a provider without a region",
    ),
    pytest.param(
        {"resource": {"aws_a": {"a": {"region": "us-east-1"}}}},
        [resource("aws_a.a", region="us-east-1")],
        id="a resource names its region",
    ),
]


@pytest.mark.parametrize(("configured", "stored"), EDITED)
def test_an_own_stacks_state_is_not_refused_after_an_edit(
    configured: dict[str, Json], stored: list[dict[str, Any]]
) -> None:
    edited = StackDocument({**DOCUMENT.content, **configured})
    assert refusal(refuse, state(*stored), edited) == ""


def test_a_state_of_another_module_is_refused() -> None:
    stored = [{**resource(f"aws_a.{name}"), "module": "module.other"} for name in "ab"]
    with pytest.raises(ForeignStateError, match=r"none of its 2 resources, such as module\.other,"):
        refuse(state(*stored), StackDocument({**DOCUMENT.content, **MODULE}))


def test_a_promoted_global_stack_may_have_resources_in_its_former_region() -> None:
    former = state(resource("aws_iot_policy.device", region="eu-west-1"))
    assert refusal(refuse, former, stack="iot-dev-hosted-zone") == ""


def test_another_backend_is_not_read() -> None:
    local = StackDocument({"terraform": {"backend": {"local": {}}}})
    assert refusal(refuse, b"{", local) == ""


def session(stacks: Path, content: bytes) -> None:
    """Begin what plan and apply do with a stack."""
    made = Session(
        pool=cast("Pool", None),
        stacks=stacks,
        work=stacks / "work",
        timeout=None,
        fetch=lambda _location, _role: content,
        _init=Lock(),
    )
    with made.initialized(STACK):
        pytest.fail("Terraform has begun")


def rotation(stacks: Path, content: bytes) -> None:
    """Begin what a rotation does with a stack."""
    commands, work = cast("Commands", None), stacks / "work"
    made = RotationTerraform(
        stacks=stacks, work=work, commands=commands, fetch=lambda _location, _role: content
    )
    made.addresses(STACK)


@pytest.mark.parametrize("begin", [session, rotation])
def test_no_terraform_begins_on_a_foreign_state(
    begin: Callable[[Path, bytes], None], tmp_path: Path
) -> None:
    """Also not on that of a region whose certificate is in another stack (ADR 0042)."""
    domain = {"aws_iot_domain_configuration": {"device_name": {}}}
    (tmp_path / STACK).mkdir()
    document = json.dumps({**DOCUMENT.content, "resource": domain})
    (tmp_path / STACK / "cdk.tf.json").write_text(document, encoding="utf-8")
    addresses = ("aws_iot_domain_configuration.device_name", "aws_acm_certificate.certificate")
    with pytest.raises(ForeignStateError):
        begin(tmp_path, state(*(resource(each, region="eu-west-1") for each in addresses)))
