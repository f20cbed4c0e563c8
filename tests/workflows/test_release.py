"""The workflow that publishes the wheel, as far as it is scripts."""

import hashlib
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import ROOT
from tests.support.executable import executable
from tests.support.workflow import Job, workflow

VERSION = version("iot-dr")
FILES = ("Makefile", "pyproject.toml", "requirements.lock")


def step(name: str) -> str:
    steps: list[Any] = workflow("release.yml")["jobs"]["test"]["steps"]
    (script,) = (each["run"] for each in steps if each.get("name") == name)
    return script


@pytest.mark.parametrize(("tag", "status"), [(f"v{VERSION}", 0), (f"v{VERSION}1", 1), ("v0.1", 1)])
def test_only_a_tag_of_the_version_is_released(tag: str, status: int, tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    done = subprocess.run(
        ["bash", "-ec", step("Refuse a tag that is not the version")],  # noqa: S607 - as GitHub does
        cwd=tmp_path, env={**os.environ, "TAG": tag}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status
    refusal = f"{tag}: expected v{VERSION}, the version in pyproject.toml\n"
    assert done.stdout == (refusal if status else "")


@pytest.mark.exhaustive
def test_the_wheel_the_modules_and_their_hashes_are_attached(tmp_path: Path) -> None:
    checkout, commands = tmp_path / "checkout", tmp_path / "commands"
    ignored = shutil.ignore_patterns(".*", "node_modules", "__pycache__", "tests")
    shutil.copytree(ROOT, checkout, ignore=ignored)
    shutil.copytree(ROOT / ".github", checkout / ".github")
    shutil.copy(ROOT / ".npmrc", checkout)
    for name in FILES:
        # Older than what is installed: nothing is to be installed here.
        os.utime(checkout / name, (0, 0))
    (checkout / ".venv").symlink_to(sys.prefix)
    executable(commands / "gh", '#!/bin/sh\nprintf "%s\\n" "$@" > arguments\n')
    job = Job.of(
        "release.yml", "attach", contexts={"github": {"ref_name": f"v{VERSION}", "token": "ghs_x"}},
        cwd=checkout, temp=tmp_path / "temp", uses={},
        env={"PATH": f"{commands}{os.pathsep}{os.environ['PATH']}"},
    ).run()  # fmt: skip
    assert job.status == "success", job.printed
    arguments = (checkout / "arguments").read_text(encoding="utf-8").splitlines()
    wheel, modules = f"iot_dr-{VERSION}-py3-none-any.whl", "iot-dr-modules.tar.gz"
    attached = [f"build/{name}" for name in ("SHA256SUMS", modules, wheel)]
    assert sorted(arguments[3:6]) == sorted(attached)
    assert "--verify-tag" in arguments
    hashes = (checkout / "build" / "SHA256SUMS").read_text(encoding="utf-8")
    assert hashes == "".join(
        f"{hashlib.sha256((checkout / 'build' / name).read_bytes()).hexdigest()}  {name}\n"
        for name in (modules, wheel)
    )


def test_nothing_is_attached_before_it_is_tested() -> None:
    assert workflow("release.yml")["jobs"]["attach"]["needs"] == "test"
    assert step("Test") == "make test"
