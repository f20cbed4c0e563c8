"""State buckets with made-up states, as tests set them up."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from environments.settings import Settings
from iot_dr.observe.state.store import Store
from tests.support.relay import lose_bucket
from tests.support.state_files import state_file, state_resource

LOCK = {
    "ID": "6b1c",
    "Who": "operator@host",
    "Created": "2026-01-02T03:04:05Z",
    "Operation": "OperationTypeApply",
}
STACKS = ("iot-dev-state", "iot-dev-hosted-zone", "iot-dev-entry-point")


@dataclass(frozen=True, kw_only=True)
class World:
    """The buckets of a sandbox's folder; `written` is in seconds since 1970."""

    settings: Settings
    folder: Path
    store: Store

    def path(self, region: str, key: str) -> Path:
        return self.folder / "s3" / self.settings.state_bucket(region) / "dev" / key

    def put(self, region: str, key: str, content: bytes, written: float = 1e9) -> None:
        path = self.path(region, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (written, written))

    def state(
        self, region: str, stack: str, serial: int, *, lineage: str = "a", written: float = 1e9
    ) -> None:
        """Put a state of a stack into a region's bucket."""
        content = state_file(lineage=lineage, serial=serial)
        self.put(region, f"{stack}.tfstate", content, written)

    def lock(self, region: str, stack: str, content: bytes | None = None) -> None:
        """Write a lock next to a state."""
        stored = json.dumps(LOCK).encode() if content is None else content
        self.put(region, f"{stack}.tfstate.tflock", stored)

    def copies(self, region: str, serial: int = 3) -> None:
        """Put a copy of every global state into a region's bucket."""
        for stack in STACKS:
            self.state(region, stack, serial)

    def owned(self, *regions: str, by: str) -> None:
        """Put states of the state's stack into buckets, whose rules copy from the owner's."""
        for region in regions:
            address = f"aws_s3_bucket_replication_configuration.state_{by.replace('-', '_')}"
            rules = state_resource(address, by, bucket=self.settings.state_bucket(by))
            self.put(region, f"{STACKS[0]}.tfstate", state_file(rules, serial=3))

    def lose(self, region: str) -> None:
        """Take a region's bucket away."""
        lose_bucket(self.folder, self.settings.state_bucket(region))

    def objects(self, region: str) -> set[str]:
        """Return the names of a bucket's objects."""
        folder = self.path(region, "x").parent
        return {path.name for path in folder.iterdir()} if folder.is_dir() else set()
