"""The settings that benchmarks measure, `core` and `full`, independent of the shipped ones."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import yaml

from environments.project import ROOT_VARIABLE

FOLDER: Final = Path(__file__).with_name("environments")
"""`core.yaml` has no optional block, `full.yaml` has all of them."""

_REGIONS = ("eu-west-1", "eu-central-1", "eu-north-1", "us-east-2", "ap-southeast-2")


def project_in(folder: Path) -> dict[str, str]:
    """Make `folder` a project with the environments `core` and `full`.

    The returned variables point the script `iot-dr` to it, so that a benchmark measures the same
    command as a user's.
    """
    shutil.copytree(FOLDER, folder / "environments")
    (folder / "cdktf.json").write_text("{}", encoding="utf-8")
    return {ROOT_VARIABLE: str(folder)}


def write(folder: Path, name: str, *, environments: int, regions: int) -> Path:
    """Write `env-1.yaml` and so on: copies of `core` or `full` with one to five regions.

    Each has its own account and branch, because the loader refuses to share a registry or a branch.
    """
    folder.mkdir()
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    account: str = yaml.safe_load(text)["account_id"]
    for number in range(1, environments + 1):
        document: dict[str, Any] = yaml.safe_load(text.replace(account, f"{number:012}"))
        document |= {"environment": f"env-{number}", "regions": list(_REGIONS[:regions])}
        if "pipeline" in document:
            document["pipeline"]["branch"] = f"env-{number}"
        # JSON is YAML.
        (folder / f"env-{number}.yaml").write_text(json.dumps(document), encoding="utf-8")
    return folder
