"""Files of environments with pipelines, for tests."""

from pathlib import Path
from typing import Any

import yaml

from tests.support.pipeline import PIPELINE
from tests.support.settings import document


def write(folder: Path, environment: str, **pipeline: object) -> Path:
    """Write the file of an environment whose pipeline block has these keys replaced."""
    folder.mkdir(exist_ok=True)
    data: dict[str, Any] = document(environment=environment, pipeline={**PIPELINE, **pipeline})
    file = folder / f"{environment}.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    return file


def write_without(folder: Path, environment: str) -> Path:
    """Write the file of an environment without a pipeline."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{environment}.yaml"
    file.write_text(yaml.safe_dump(document(environment=environment)), encoding="utf-8")
    return file
