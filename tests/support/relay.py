"""S3's replication, which moto lacks, for tests."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.template import Template


def _object_arns(state: Template, action: str) -> set[str]:
    statements: list[dict[str, Any]] = [
        statement
        for policy in state.resources("aws_iam_role_policy").values()
        for statement in json.loads(policy["policy"])["Statement"]
    ]
    results: list[str] = []
    for statement in statements:
        if action in statement["Action"]:
            results += statement["Resource"]
    return set(results)


@dataclass(frozen=True)
class Relay:
    """Copies what the rules of the state's stack match and its role may read and write.

    S3 replicates by itself, after a while; here it happens on a call, which simulates lag and loss.
    """

    state: Template

    def destinations(self, key: str) -> Iterator[str]:
        """Return the buckets that an object of home's bucket is replicated to."""
        (replication,) = self.state.resources("aws_s3_bucket_replication_configuration").values()
        source = f"arn:aws:s3:::{replication['bucket']}/{key}"
        if source not in _object_arns(self.state, "s3:GetObjectVersionForReplication"):
            return
        for rule in replication["rule"]:
            bucket = rule["destination"]["bucket"]
            may_write = f"{bucket}/{key}" in _object_arns(self.state, "s3:ReplicateObject")
            if key.startswith(rule["filter"]["prefix"]) and may_write:
                yield bucket.removeprefix("arn:aws:s3:::")

    def run(self, sandbox: Path) -> None:
        """Bring the replicas in a sandbox's folder up to home's objects, with their times."""
        (replication,) = self.state.resources("aws_s3_bucket_replication_configuration").values()
        home = sandbox / "s3" / replication["bucket"]
        for file in sorted(path for path in home.rglob("*") if path.is_file()):
            key = str(file.relative_to(home))
            for bucket in self.destinations(key):
                target = sandbox / "s3" / bucket / key
                target.parent.mkdir(parents=True, exist_ok=True)
                draft = sandbox / f".relay-{os.getpid()}"
                shutil.copy2(file, draft)
                draft.replace(target)


def lose_bucket(sandbox: Path, bucket: str) -> None:
    """Delete a bucket with its contents."""
    buckets = sandbox / "buckets.json"
    left = json.loads(buckets.read_text())
    left.pop(bucket, None)
    draft = sandbox / ".lost"
    draft.write_text(json.dumps(left))
    draft.replace(buckets)
    shutil.rmtree(sandbox / "s3" / bucket, ignore_errors=True)
