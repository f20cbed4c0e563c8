"""What `iot-dr emit` writes: files that a registry or a Git repository serves."""

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import DATA, current_version, releases
from iot_dr.emit.emission import emit
from iot_dr.emit.pages import module_path
from iot_dr.emit.synthesis import synthesized
from tests.iot_dr.emit.contract.released import complaint, released
from tests.support.command import ROOT, iot_dr
from tests.support.emitted import terraform_commands

FILES = {
    *("main.tf", "variables.tf", "outputs.tf", "versions.tf", "README.md"),
    "tests/plan.tftest.hcl",
    *(
        f"examples/{kind}/{file}"
        for kind in ("basic", "complete")
        for file in ("main.tf", "outputs.tf", "README.md")
    ),
}
LICENSES = {
    f"functions/licenses/{name}/LICENSE"
    for name in ("aws_lambda_powertools", "tensorflow", "typing_extensions")
}
FUNCTIONS = {
    "canary": {"canary"},
    "telemetry": {"telemetry"},
    "device-registry": {"registry_apply", "registry_capture", "registry_reconcile"},
    "entry-point": {"switch_publisher", "watcher"},
}
INPUTS = {
    "regional-endpoint": {"names"},
    "device-registry": {"data"},
    "entry-point": {"regions", "names", "failover"},
    "platform": {"regions", "names", "failover", "data"},
}


def below(folder: Path) -> dict[str, str]:
    """Return the digest of each file below a folder."""
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def own(modules: Path, name: str) -> set[str]:
    """Return the files of one module, without those of all modules and of other ones."""
    folder = modules / module_path(name)
    others = ("modules/", "functions/") if folder == modules else ("modules/",)
    return {each for each in below(folder) if not each.startswith(others)}


def test_a_stream_whose_shards_are_null_in_terraform_is_one_on_demand(modules: Path) -> None:
    written = (modules / module_path("telemetry") / "main.tf").read_text(encoding="utf-8")
    assert 'var.stream_shards == null ? "ON_DEMAND" : "PROVISIONED"' in written


def test_every_function_of_the_registry_copies_reported_halves_as_the_caller_says(
    modules: Path,
) -> None:
    module = modules / module_path("device-registry")
    written = "".join(file.read_text(encoding="utf-8") for file in module.glob("*.tf"))
    said = re.findall(r"REGISTRY_COPY_REPORTED += (.*)", written)
    assert said == ["var.copy_reported"] * len(FUNCTIONS["device-registry"])


def test_no_module_takes_the_withdrawn_provider(modules: Path) -> None:
    for name in CATALOGUE:
        assert "!= 6.57.0" in (modules / module_path(name) / "versions.tf").read_text(
            encoding="utf-8"
        )


def test_the_same_sources_give_the_same_bytes(modules: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    # Another order of sets, in a process of its own.
    done = iot_dr("emit", "--all", "--out", str(again), PYTHONHASHSEED="5")
    assert done.returncode == 0, done.stderr
    assert below(again) == below(modules)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_module_is_complete(name: str, modules: Path) -> None:
    functions = {f"functions/{each}.zip" for each in FUNCTIONS.get(name, ())}
    root = {"LICENSE", "CHANGELOG.md", ".iot-dr-emitted.json"} if name == "platform" else set[str]()
    third_party = LICENSES if name in {"telemetry", "device-registry"} else set[str]()
    subjects = {f"{each}.tf" for each in (*CATALOGUE[name].files, "regions")}
    moved = {"moved.tf"} if name == "platform" else set[str]()
    inputs = {f"variables.{each}.tf" for each in INPUTS.get(name, ())}
    assert own(modules, name) == FILES | functions | third_party | root | subjects | moved | inputs


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_file_of_a_module_is_of_one_subject_and_says_why_it_is_there(
    name: str, modules: Path
) -> None:
    folder = modules / module_path(name)
    for file in folder.glob("*.tf"):
        text = file.read_text(encoding="utf-8")
        assert text.count("\n") <= 300, file
        assert "provider = aws\n" not in text, file
        resources = re.findall(r"^(.*)\n+resource ", text, re.MULTILINE)
        assert not resources or "\n# " in f"\n{text}", file
        assert not re.search("InputError|ADR ", text), file
        assert "30 days and a role" not in text, "the caller sets the retention of logs"


def test_a_comment_says_what_the_outer_construct_is_and_why_the_inner_ones_are_so(
    modules: Path,
) -> None:
    folder = modules / module_path("device-registry")
    text = (folder / "capture.tf").read_text(encoding="utf-8")
    comment = re.split(r"^resource ", text, maxsplit=1, flags=re.MULTILINE)[0]
    summaries = re.findall(r"^# (An? .*)$", comment, re.MULTILINE)
    assert [each[:28] for each in summaries] == ["A function that consumes the"]
    assert "# Its role may read the queues" in comment
    assert "# The role has no managed policy" in comment


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_module_says_nothing_that_is_its_callers_to_say(name: str, modules: Path) -> None:
    files = (modules / module_path(name)).glob("*.tf")
    blocks = [
        block
        for file in files
        for block in re.findall(r"^(\w+).*\{$", file.read_text(), re.MULTILINE)
    ]
    assert "provider" not in blocks
    assert not any(
        "backend" in file.read_text() for file in (modules / module_path(name)).glob("v*.tf")
    )


def test_terraforms_own_format_is_kept(modules: Path) -> None:
    with terraform_commands() as commands:
        ran = commands.run(["fmt", "-check", "-recursive", "-list=true"], modules, 60)
    assert (ran.returncode, ran.stdout) == (0, "")


@pytest.mark.parametrize("name", CATALOGUE)
def test_every_variable_and_output_is_described(name: str) -> None:
    (module,) = synthesized([CATALOGUE[name]])
    contract = module.contract
    assert all(each.description for each in (*contract.variables, *contract.outputs))


def test_a_contract_that_changes_needs_the_version_that_says_so() -> None:
    version = current_version(releases(DATA))
    modules = synthesized(list(CATALOGUE.values()))
    results = [complaint(each.contract, released(each.contract.name), version) for each in modules]
    assert [each for each in results if each] == [], "at the release of a version: make contracts"


def test_one_module_comes_alone_and_the_platform_with_all_it_calls(tmp_path: Path) -> None:
    emit(["canary"], tmp_path / "one", force=False)
    assert {each.name for each in (tmp_path / "one" / "modules").iterdir()} == {"canary"}
    assert not (tmp_path / "one" / "main.tf").exists()


def test_what_an_earlier_emission_wrote_is_replaced_and_all_else_stays(tmp_path: Path) -> None:
    folder = tmp_path / "dist"
    emit(["canary"], folder, force=False)
    (folder / "NOTES.md").write_text("ours\n")
    emit(["hosted-zone"], folder, force=True)
    assert {each.name for each in (folder / "modules").iterdir()} == {"hosted-zone"}
    assert (folder / "NOTES.md").read_text() == "ours\n"


def test_the_zips_are_built_again_from_the_code_in_the_repository(tmp_path: Path) -> None:
    emit(["telemetry", "canary"], tmp_path, force=False)
    zips = {path: path.read_bytes() for path in tmp_path.rglob("*.zip")}
    program = tmp_path / "functions" / "build.py"
    requirements = (tmp_path / "functions" / "requirements.txt").read_text().splitlines()
    locked = (ROOT / "requirements.lock").read_text().replace("-", "_")
    assert requirements
    assert all(f"\n{each} " in locked for each in requirements)
    for path in zips:
        path.write_bytes(b"other")
    without = subprocess.run(
        [sys.executable, "-I", "-S", program], capture_output=True, text=True, check=False
    )
    assert without.returncode == 1
    assert "`python -m pip install -r functions/requirements.txt`" in without.stderr
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True)
    assert {path: path.read_bytes() for path in zips} == zips
    assert done.stdout.splitlines() == [
        f"{hashlib.sha256(content).hexdigest()}  {path.relative_to(tmp_path)}"
        for path, content in sorted(zips.items())
    ]
