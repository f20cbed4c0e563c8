"""A platform that modules 1.0.2 applied, and a plan of the modules of now for it."""

import gzip
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pytest

from iot_dr.emit.optional import Optional, with_optional
from iot_dr.emit.synthesis import licenses
from iot_dr.terraform.terraform import PlanStatus
from modules.function_package import function_package
from tests.support.emitted import Opened, copied_example, managed, state_of
from tests.support.state_server import SERVED_STATE

# Applied with the stand-in by the complete example of the modules of commit 3fe6e403.
STATE: Final = Path(__file__).with_name("states") / "platform-1.0.2.tfstate.gz"
# What that example's call says; the example of now says more.
CALL: Final = (
    *("source", "providers", "project", "environment", "domain", "account_id", "home_region"),
    *("standby_region", "primary_region", "bucket_prefix", "certificate_minutes", "copy_reported"),
    *("create_zone", "delegate", "fail_back", "interval", "label", "parallelization_factor"),
    *("point_in_time_days", "reconcile_hours", "stream_hours", "threshold", "tls_policy", "ttl"),
)
UPDATED: Final = {
    "aws_cloudwatch_metric_alarm": {"alarm_description"},
    "aws_iam_role_policy": {"policy"},
    "aws_iot_topic_rule": {"sql"},
    "aws_lambda_event_source_mapping": {"batch_size"},
    "aws_lambda_function": {
        *("environment", "source_code_hash", "reserved_concurrent_executions"),
    },
    "aws_s3_bucket_policy": {"policy"},
    "aws_route53_health_check": {"tags", "tags_all", "triggers"},
    "aws_sqs_queue": {"policy"},
}


@pytest.mark.exhaustive
def test_a_platform_of_1_0_2_is_upgraded_in_place(
    modules: Path, opened: Opened, tmp_path: Path
) -> None:
    folder = copied_example(modules, tmp_path, "examples/complete")
    file = folder / "main.tf"
    head, module, call = file.read_text().partition("\nmodule ")
    said = [
        line
        for line in call.splitlines()
        if not (name := re.match(r"  (\w+) +=", line)) or name[1] in CALL
    ]
    file.write_text(head + module + "\n".join(said) + "\n")
    (folder / SERVED_STATE).write_bytes(gzip.decompress(STATE.read_bytes()))
    before = managed(state_of(folder))
    terraform = opened(folder)
    terraform.plan(folder / "plan", "-refresh=false")
    changes = [
        change
        for change in terraform.show(folder / "plan")["resource_changes"]
        if change["mode"] == "managed"
    ]
    done = {tuple(change["change"]["actions"]) for change in changes}
    assert done == {("no-op",), ("create",), ("update",)}
    for change in changes:
        if change["change"]["actions"] == ["update"]:
            old, new = change["change"]["before"], change["change"]["after"]
            names = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
            assert names <= UPDATED[change["type"]], (change["address"], names)
    kept = [change for change in changes if change["change"]["actions"] != ["create"]]
    assert len(kept) == len(before)
    terraform.apply(folder / "plan")
    assert terraform.plan(folder / "again") is PlanStatus.UNCHANGED


DOCUMENT: dict[str, Any] = {
    "locals": {
        "id": "${aws_route53_zone.zone.zone_id}",
        "text": "zone ${aws_route53_zone.zone.name} of $${aws_route53_zone.zone.name}",
        "deep": "${tolist(aws_route53_zone.zone.servers)[0]}",
        "other": "${aws_route53_zone.zones.zone_id}",
    },
    "data": {"aws_route53_zone": {"zone": {"name": "${aws_route53_zone.zone.name}"}}},
    "resource": {
        "aws_route53_zone": {"zone": {"name": "a"}},
        "aws_route53_record": {
            "inside": {
                "zone_id": "${aws_route53_zone.zone.zone_id}",
                "depends_on": ["aws_route53_zone.zone"],
            },
            "outside": {"zone_id": "${data.aws_route53_zone.zone.zone_id}"},
        },
    },
}
ZONE = Optional(
    addresses=("aws_route53_zone.zone", "aws_route53_record.inside"), condition="var.create"
)


def test_resources_get_a_count_and_refer_to_each_other_by_it() -> None:
    resources = with_optional(DOCUMENT, ZONE)["resource"]
    assert resources["aws_route53_zone"]["zone"] == {"count": "${var.create ? 1 : 0}", "name": "a"}
    assert resources["aws_route53_record"]["inside"] == {
        "count": "${var.create ? 1 : 0}",
        "zone_id": "${aws_route53_zone.zone[0].zone_id}",
        "depends_on": ["aws_route53_zone.zone"],
    }


def test_what_refers_to_them_from_elsewhere_is_null_without_them() -> None:
    document = with_optional(DOCUMENT, ZONE)
    name = "one(aws_route53_zone.zone[*].name)"
    assert document["locals"] == {
        "id": "${one(aws_route53_zone.zone[*].zone_id)}",
        "text": f"zone ${{{name}}} of $${{aws_route53_zone.zone.name}}",
        "deep": "${tolist(one(aws_route53_zone.zone[*].servers))[0]}",
        "other": "${aws_route53_zone.zones.zone_id}",
    }
    assert document["data"]["aws_route53_zone"]["zone"] == {"name": f"${{{name}}}"}


def test_a_data_source_is_reported_from_a_resource_of_its_name() -> None:
    source = Optional(addresses=("data.aws_route53_zone.zone",), condition="var.create")
    document = with_optional(DOCUMENT, source)
    assert "count" not in document["resource"]["aws_route53_zone"]["zone"]
    outside = document["resource"]["aws_route53_record"]["outside"]
    assert outside == {"zone_id": "${one(data.aws_route53_zone.zone[*].zone_id)}"}


def test_a_name_represents_every_resource_that_has_it() -> None:
    document = with_optional(DOCUMENT, Optional(addresses=("*.zone",), condition="var.create"))
    assert "count" in document["resource"]["aws_route53_zone"]["zone"]
    assert "count" not in document["data"]["aws_route53_zone"]["zone"]


def test_the_document_itself_stays_as_it_is_and_an_unknown_address_is_refused() -> None:
    with pytest.raises(KeyError):
        with_optional(DOCUMENT, Optional(addresses=("aws_route53_zone.no",), condition="true"))
    with_optional(DOCUMENT, ZONE)
    assert DOCUMENT["resource"]["aws_route53_zone"]["zone"] == {"name": "a"}


POWERTOOLS = "aws_lambda_powertools"
TENSORFLOW = f"{POWERTOOLS}/shared/lazy_import.py"


def zipped(folder: Path, *names: str) -> Path:
    with zipfile.ZipFile(folder / "function.zip", "w") as archive:
        for name in names:
            archive.writestr(name, "")
    return folder / "function.zip"


@pytest.mark.parametrize(
    ("name", "holders"),
    [
        ("canary", {}),
        (
            "telemetry",
            {
                POWERTOOLS: "Amazon.com, Inc.",
                "tensorflow": "Apache License",
                "typing_extensions": "Python Software Foundation",
            },
        ),
    ],
)
def test_each_package_in_a_zip_has_its_licence(name: str, holders: dict[str, str]) -> None:
    files = licenses(function_package(name).path)
    assert {str(path.parent) for path in files} == holders.keys()
    for path, file in files.items():
        assert holders[str(path.parent)] in file.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["telemetry", "registry_apply", "registry_capture"])
def test_the_only_file_with_another_owner_than_its_package_is_known(name: str) -> None:
    with zipfile.ZipFile(function_package(name).path) as archive:
        owned = {
            each for each in archive.namelist() if b"# Copyright" in archive.read(each)
        }  # fmt: skip
    assert owned == {TENSORFLOW}


def test_a_package_without_a_licence_is_not_handed_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = tmp_path / "unlicensed-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Name: unlicensed\nVersion: 1.0\n", encoding="utf-8")
    (about / "RECORD").write_text("unlicensed/LICENSE.py,,\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match="unlicensed: its distribution has no licence file"):
        licenses(zipped(tmp_path, "functions/a/handler.py", "unlicensed/a.py"))


def test_a_module_of_one_file_is_a_package_too(tmp_path: Path) -> None:
    files = licenses(zipped(tmp_path, "typing_extensions.py"))
    assert list(files) == [PurePosixPath("typing_extensions/LICENSE")]
