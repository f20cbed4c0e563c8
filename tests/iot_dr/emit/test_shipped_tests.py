"""Each module's own tests pass, and fail for a module that does something else."""

import json
import re
import shutil
from collections import defaultdict
from collections.abc import Generator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import ValidationError

from iot_dr.emit import emission
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.emission import TEST_FILE
from iot_dr.emit.pages import module_path
from iot_dr.emit.shipped_tests import EXPECTED, PlanRun, runs
from iot_dr.emit.synthesis import SynthesizedModule, synthesized
from iot_dr.terraform.commands import Commands
from iot_dr.terraform.standin.cache import SchemaCache
from tests.support.emitted import standin_commands

RUNS: Final = runs(EXPECTED)
# The others take half a minute of processor time together, most of it the platform's.
NAMES: Final = [
    name if name == "hosted-zone" else pytest.param(name, marks=pytest.mark.exhaustive)
    for name in CATALOGUE
]
OTHERS: Final[Mapping[Any, Any]] = {
    10: 30, 24: 48,
    "HTTPS": "HTTP", "TCP": "HTTP", "CALCULATED": "TCP", "CLOUDWATCH_METRIC": "TCP",
    "CNAME": "TXT", "NS": "TXT", "PRIMARY": "SECONDARY", "SECONDARY": "PRIMARY",
    "Enabled": "Disabled", "DNS": "EMAIL", "KMS": "NONE", "LastKnownStatus": "Healthy",
    None: 5, "ON_DEMAND": "PROVISIONED", "PROVISIONED": "ON_DEMAND", "breaching": "missing",
    "ignore": "missing", "AWS_X509": "DEFAULT", "SECURE_MQTT": "DEFAULT",
    "NEW_AND_OLD_IMAGES": "KEYS_ONLY", "rate(1 hour)": "rate(2 hours)",
    "eu-west-1": "eu-north-1", "eu-central-1": "eu-north-1",
    "IoTSecurityPolicy_TLS13_1_2_2022_10": "IoTSecurityPolicy_TLS13_1_3_2022_10",
}  # fmt: skip
"""Other values that the provider accepts."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The status of each run, and the messages of those that failed."""

    statuses: Mapping[str, str]
    messages: Mapping[str, str]


@pytest.fixture(scope="module")
def commands() -> Generator[Commands]:
    with standin_commands() as terraform:
        yield terraform


def outcome(commands: Commands, folder: Path, file: str | None = None) -> Outcome:
    """Run a module's tests, or those of one file, as its users do."""
    commands.run(["init", "-no-color"], folder, 300)
    chosen = [f"-filter={TEST_FILE.parent / file}.tftest.hcl"] if file else []
    ran = commands.run(["test", "-json", "-no-color", *chosen], folder, 300)
    lines = [json.loads(line) for line in ran.stdout.splitlines()]
    messages: defaultdict[str, str] = defaultdict(str)
    for line in lines:
        if line["type"] == "diagnostic":
            messages[line["@testrun"]] += f"{line['diagnostic']['detail']}\n"
    ends = [line["test_run"] for line in lines if line["type"] == "test_run"]
    statuses = {each["run"]: each["status"] for each in ends if "status" in each}
    return Outcome(statuses=statuses, messages=messages)


@pytest.mark.parametrize("name", NAMES)
def test_the_tests_of_a_module_pass(name: str, modules: Path, commands: Commands) -> None:
    folder = modules / module_path(name)
    named = re.findall(r'^run "(\w+)"', (folder / TEST_FILE).read_text(), re.MULTILINE)
    done = outcome(commands, folder)
    assert done == Outcome(statuses=dict.fromkeys(named, "pass"), messages={})


@pytest.mark.parametrize("name", CATALOGUE)
def test_no_run_of_a_module_applies_or_uses_a_real_provider(name: str, modules: Path) -> None:
    text = (modules / module_path(name) / TEST_FILE).read_text(encoding="utf-8")
    runs = len(re.findall(r"^run ", text, re.MULTILINE))
    assert len(re.findall(r"^  command +", text, re.MULTILINE)) == runs
    assert len(re.findall(r"^  command += plan$", text, re.MULTILINE)) == runs
    mocked = re.findall(r'^mock_provider "aws" \{\n(?:  alias = "(\w+)"\n)?', text, re.MULTILINE)
    aliases = CATALOGUE[name].aliases or ("aws",)
    assert mocked == [each.partition(".")[2] for each in aliases]


@pytest.mark.parametrize("name", NAMES)
def test_every_expectation_fails_for_a_module_that_does_something_else(
    name: str, modules: Path, commands: Commands, tmp_path: Path
) -> None:
    (module,) = synthesized([CATALOGUE[name]])
    folder = with_split_tests(modules, name, tmp_path)
    for run in RUNS[name]:
        values = {**run.expected, **run.same}
        # A resource more or less can fail the plan before an assertion.
        counts = {place for place in values if place.startswith("length(")}
        for places in (values.keys() - counts, *({place} for place in counts)):
            if places:
                write(folder, changed(module, {place: values[place] for place in places}))
                done = outcome(commands, folder, run.name)
                assert done.statuses[run.name] in {"fail", "error"}
                message = done.messages[run.name]
                missing = [each for each in places - counts if f"{each} must be" not in message]
                assert not missing, message


@pytest.mark.parametrize("name", NAMES)
def test_every_refusal_fails_for_a_module_without_rules(
    name: str, modules: Path, commands: Commands, tmp_path: Path
) -> None:
    (module,) = synthesized([CATALOGUE[name]])
    folder = with_split_tests(modules, name, tmp_path)
    variables = tuple(replace(each, validations=()) for each in module.contract.variables)
    write(folder, replace(module, contract=replace(module.contract, variables=variables)))
    done = outcome(commands, folder)
    for run, text in split((modules / module_path(name) / TEST_FILE).read_text()).items():
        refused = re.search(r"expect_failures = \[(.*?)\]", text, re.DOTALL)
        for variable in re.findall(r"[\w.]+", refused[1]) if refused else ():
            assert f"{variable}, was expected to report an error" in done.messages[run]


def with_split_tests(modules: Path, name: str, tmp_path: Path) -> Path:
    """Copy a module, and put each run into a file of its own: a failed one ends its file."""
    shutil.copytree(modules, tmp_path / "dist")
    folder = tmp_path / "dist" / module_path(name)
    file = folder / TEST_FILE
    for run, text in split(file.read_text(encoding="utf-8")).items():
        (file.parent / f"{run}.tftest.hcl").write_text(text, encoding="utf-8")
    file.unlink()
    return folder


def split(text: str) -> dict[str, str]:
    """Return a test file for each run of one."""
    head, *blocks = re.split(r"^(?=run )", text, flags=re.MULTILINE)
    return {block.split('"')[1]: head + block for block in blocks}


def write(folder: Path, module: SynthesizedModule) -> None:
    """Replace a module's own files."""
    schema = SchemaCache.default()
    for file in folder.glob("variables.*.tf"):
        file.unlink()
    for path, text in emission.configuration(module, schema).items():
        (folder / path).write_text(text, encoding="utf-8")


def changed(module: SynthesizedModule, values: Mapping[str, Any]) -> SynthesizedModule:
    """Return a module with other values than these in these places."""
    body = deepcopy(dict(module.body))
    outputs = {each.name: each for each in module.contract.outputs}
    calls = dict(module.calls)
    for place, value in values.items():
        kind, _, path = place.partition(".")
        names = [step for step in re.findall(r"[\w-]+", path) if not step.isdecimal()]
        if kind == "output":
            text = json.dumps(other(value))
            if len(names) > 1:  # of a region's object
                regions = "[local.home_region, local.standby_region]"
                text = f"{{ for region in {regions} : region => {{ {names[-1]} = {text} }} }}"
            outputs[names[0]] = replace(outputs[names[0]], value=text)
        elif kind == "module":
            call = calls[names[0]]
            calls[names[0]] = replace(call, arguments={**call.arguments, "environment": "other"})
        elif kind.startswith("length"):
            counted = re.findall(r"\w+", place)[1:]
            blocks = body["data"] if counted[0] == "data" else body["resource"]
            blocks[counted[-2]][counted[-1]]["count"] = 1 - value
        else:
            only = value[0] if "[*]" in place else value
            put(body["resource"][kind], names, other(only))
    contract = replace(module.contract, outputs=tuple(outputs.values()))
    return replace(module, body=body, contract=contract, calls=calls)


def put(block: dict[str, Any], path: list[str], value: Any) -> None:
    """Set an argument of a block or of one that is nested in it."""
    *blocks, argument = path
    for name in blocks:
        inner = block[name] if name in block else block["dynamic"][name]["content"]
        block = inner[0] if isinstance(inner, list) else inner
    block[argument] = value


def other(value: Any) -> Any:
    """Return another value of the same type."""
    match value:
        case bool():
            return not value
        case list():
            return [*map(other, value)]
        case int():
            return OTHERS.get(value, value - 1)
        case _:
            return OTHERS.get(value, f"{value}x")


@pytest.mark.parametrize("more", [{}, {"expected": {"a.b": 1}, "refused": ["c"]}])
def test_a_run_that_judges_nothing_or_a_refused_plan_is_an_error(more: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="runs: give `expected` and `same`, or `refused`"):
        PlanRun(name="runs", **more)
