"""A platform that modules 1.0.2 applied, and a plan of the modules of now for it."""

import gzip
import re
from pathlib import Path
from typing import Final

import pytest

from iot_dr.terraform.terraform import PlanStatus
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
