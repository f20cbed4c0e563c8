"""Environments of any number of regions, made from the one for development."""

import json
from pathlib import Path
from typing import Any

import yaml

from environments.loader import FOLDER

_REGIONS = ("eu-west-1", "eu-central-1", "eu-north-1", "us-east-2", "ap-southeast-2")


def write(folder: Path, *, environments: int, regions: int) -> Path:
    """Write the files `env-1.yaml` and so on, each with that many of five regions."""
    folder.mkdir()
    document: dict[str, Any] = yaml.safe_load((FOLDER / "dev.yaml").read_text(encoding="utf-8"))
    document["regions"] = list(_REGIONS[:regions])
    for number in range(1, environments + 1):
        document["environment"] = f"env-{number}"
        # JSON is YAML.
        (folder / f"env-{number}.yaml").write_text(json.dumps(document), encoding="utf-8")
    return folder
