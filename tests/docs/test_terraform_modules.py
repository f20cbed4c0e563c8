"""The page for Terraform users: its HCL is what is emitted, and its script moves all there is."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import DATA, current_version, releases
from iot_dr.emit.pages import module_path
from iot_dr.prover.proofs import proofs
from iot_dr.terraform.terraform import PlanStatus
from iot_dr.terraform_json.document import stack_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from tests.support.command import ROOT
from tests.support.emitted import emitted_modules, plain_terraform
from tests.support.executable import executable
from tests.support.settings import settings
from tests.support.synthesized_once import SynthesizedOnce
from tests.support.template import Template
from tools.scan.__main__ import EXPLAINED, explanations

FOLDER = ROOT / "docs"
TEXT = (FOLDER / "reference" / "terraform-modules.md").read_text(encoding="utf-8")
SOURCE = "git::https://git.example.com/terraform-aws-iot-dr.git"
REF = f"?ref=v{current_version(releases(DATA))}"
BLOCKS = [(token.info, token.content) for token in MarkdownIt().parse(TEXT) if token.content]
PLATFORM, OUTPUTS, STATE_BACKEND, BACKEND, PARTS, ALONE = (
    text for info, text in BLOCKS if info == "hcl"
)
_DELETE, MOVE, BACK = (text for info, text in BLOCKS if info == "sh")
PRINTED = "".join(text for info, text in BLOCKS if info == "console")

# The calls of `platform`, as the page's addresses have them.
CALLS = {
    "hosted_zone": "hosted-zone", "device_data": "device-data", "entry_point": "entry-point",
    **{
        f"{slot}_{call}": module
        for slot in ("primary", "standby")
        for call, module in (
            ("endpoint", "regional-endpoint"), ("canary", "canary"), ("telemetry", "telemetry"),
            ("registry", "device-registry"),
        )
    },
}  # fmt: skip
# `terraform state list -state=FILE`, `terraform state mv -state=FILE -state-out=FILE FROM TO`
NOTING = """\
#!/bin/sh
file=${3#-state=}
if [ "$2" = list ]; then exec cat "$file"; fi
echo "$@" >> noted
if [ -f "$file" ]; then sed -i "/^$5\\$/d" "$file"; fi
"""
CONDITIONAL = re.compile(r'^resource "(\w+)" "(\w+)" \{\n  count', re.MULTILINE)
ADDRESS = re.compile(r"module\.platform\.module\.(\w+)\.((?:data\.)?\w+\.\w+)")


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return emitted_modules(tmp_path_factory.mktemp("emitted") / "dist")


@pytest.fixture(scope="module")
def moving(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the script has moved the states of the app, by a program that notes it."""
    folder = tmp_path_factory.mktemp("move")
    SynthesizedOnce().synthesize([settings(data={})], folder / "out")
    for file in (folder / "out" / "stacks").glob("*/cdk.tf.json"):
        results = [f"{each.type}.{each.logical_id}" for each in Template.read(file).blocks()]
        addresses = "\n".join(["data.aws_region.current", *results])
        (folder / f"{file.parent.name}.tfstate").write_text(addresses + "\n", encoding="utf-8")
    executable(folder / "terraform", NOTING)
    run(MOVE, folder)
    return folder


@pytest.fixture(scope="module")
def moves(moving: Path) -> list[list[str]]:
    """What the script has moved: stack, from, to."""
    lines = (moving / "moves.txt").read_text(encoding="utf-8").splitlines()
    return [line.split(" ") for line in lines]


def run(script: str, folder: Path) -> None:
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    command = ["/bin/sh", "-c", script]
    subprocess.run(command, cwd=folder, check=True, env={**os.environ, "PATH": path})


def test_the_platform_is_called_as_in_its_complete_example(modules: Path) -> None:
    example = (modules / "examples/complete/main.tf").read_text(encoding="utf-8")
    assert example.replace('"../.."', f'"{SOURCE}{REF}"') == PLATFORM
    assert (modules / "examples/complete/outputs.tf").read_text(encoding="utf-8") == OUTPUTS


def test_the_state_backend_is_called_as_in_its_readme_and_copies_the_state_of_the_platform(
    modules: Path,
) -> None:
    readme = (modules / "modules/state-backend/README.md").read_text(encoding="utf-8")
    assert f"\n{STATE_BACKEND}```" in readme
    values = dict(re.findall(r"^ +(\w+) += (.*)$", STATE_BACKEND + BACKEND, re.MULTILINE))
    assert values["copied_keys"] == f"[{values['key']}]"
    project, environment = (json.loads(values[name]) for name in ("project", "environment"))
    assert json.loads(values["bucket"]) == f"{project}-111111111111-{environment}-eu-west-1"


def test_parts_work_alone_as_they_are_called_there(modules: Path, tmp_path: Path) -> None:
    sources = re.sub(rf'"{re.escape(SOURCE)}//(.*?){re.escape(REF)}"', rf'"{modules}/\1"', PARTS)
    assert sources.count(str(modules)) == PARTS.count("module ")
    (tmp_path / "main.tf").write_text(sources, encoding="utf-8")
    with plain_terraform() as opened:
        terraform = opened(tmp_path)
        terraform.plan(tmp_path / "plan")
        planned = terraform.show(tmp_path / "plan")["resource_changes"]
    created = [each for each in planned if each["change"]["actions"] == ["create"]]
    assert f"Plan: {len(created)} to add" in PRINTED.partition("state_bucket_standby")[2]


def test_the_table_has_every_module_with_its_providers() -> None:
    rows = re.findall(r"^\| \[`([a-z-]+)`\]\(../modules/\1\.md\) \| (`.*?`) \|", TEXT, re.MULTILINE)
    assert rows == [
        (blueprint.name, ", ".join(f"`{name}`" for name in blueprint.aliases or ("aws",)))
        for blueprint in CATALOGUE.values()
    ]


def test_every_module_is_named_at_the_newest_version() -> None:
    named = re.findall(rf"{re.escape(SOURCE)}[\w/-]*(\?ref=v[\w.-]+)", TEXT)
    assert set(named) == {REF}


def test_the_entry_point_works_alone_over_two_load_balancers(modules: Path, tmp_path: Path) -> None:
    source = f"{SOURCE}//modules/entry-point{REF}"
    assert source in ALONE
    (tmp_path / "main.tf").write_text(
        ALONE.replace(source, str(modules / "modules/entry-point")), encoding="utf-8"
    )
    (tmp_path / "terraform.tfvars").write_text(
        'subnets = { "eu-west-1" = ["subnet-1"], "eu-central-1" = ["subnet-2"] }', encoding="utf-8"
    )
    with plain_terraform() as opened:
        terraform = opened(tmp_path)
        terraform.apply(None)
        assert terraform.plan(tmp_path / "plan") is PlanStatus.UNCHANGED
        document = terraform.show(tmp_path / "plan")
    resources = ResourceSet([stack_resources("root", json.dumps(document).encode())])
    (proof,) = proofs(resources)
    assert (proof.name, proof.verdict) == ("broker.example.com", "proved")
    checks = {each.values["type"]: each for each in resources.of_type("aws_route53_health_check")}
    assert checks["TCP"].values["port"] == 443
    assert not [each for each in resources.of_type("aws_lambda_function") if "watcher" in each.name]


def test_the_script_moves_each_resource_of_the_app_to_one_of_the_platform(
    moves: list[list[str]], modules: Path
) -> None:
    # Parts that can be left out have a count, as some resources have.
    targets = {re.sub(r"^(module\.platform\.module\.\w+)\[0\]", r"\1", to) for _, _, to in moves}
    assert len(targets) == len(moves)
    results = {name: resources(modules, module) for name, module in CALLS.items()}
    always = {
        f"module.platform.module.{name}.{address}"
        for name, addresses in results.items()
        for address, is_conditional in addresses.items()
        if not is_conditional
    }
    there = {
        f"module.platform.module.{name}.{address}"
        for name, addresses in results.items()
        for address in addresses
    }
    assert always <= targets <= there


def test_the_rollback_is_each_move_from_right_to_left(moving: Path, moves: list[list[str]]) -> None:
    (moving / "noted").unlink()
    run(BACK, moving)
    assert (moving / "noted").read_text(encoding="utf-8").splitlines() == [
        f"state mv -state=platform.tfstate -state-out={stack}.tfstate {to} {source}"
        for stack, source, to in moves
    ]


def test_what_is_reported_of_the_move_is_so(moves: list[list[str]]) -> None:
    for line in re.findall(r'^Move "(.*)" to "(.*)"$', PRINTED, re.MULTILINE):
        assert [*line] in [move[1:] for move in moves]
    assert f"Resources: {len(moves) - 1} added" in PRINTED
    assert f"{len(moves)} resources moved to the modules, applied, and moved back" in TEXT
    changed = [source for _, source, _ in moves if source.startswith("aws_lambda_function.")]
    assert f"Plan: 0 to add, {len(changed)} to change, 0 to destroy." in PRINTED


def test_each_address_on_the_page_is_one_of_the_platform(modules: Path) -> None:
    addresses = ADDRESS.findall(TEXT)
    assert addresses
    for call, address in addresses:
        kind, name = address.removeprefix("data.").split(".")
        block = "data" if address.startswith("data.") else "resource"
        assert f'{block} "{kind}" "{name}" {{' in sources(modules, CALLS[call]), address


def test_the_switch_is_the_one_that_the_entry_point_watches(modules: Path) -> None:
    (command,) = re.findall(r"^\$ (aws cloudwatch put-metric-data .*)$", TEXT, re.MULTILINE)
    assert command in (FOLDER / "runbooks" / "switch.md").read_text(encoding="utf-8")
    options = dict(re.findall(r"--([a-z-]+) (\S+)", command))
    entry_point = sources(modules, "entry-point")
    namespace = options["namespace"].replace("dev", "${var.environment}")
    assert f'metric_name         = "{options["metric-name"]}"' in entry_point
    assert f'namespace           = "{namespace}"' in entry_point


def test_the_scan_is_reported_of_as_it_is() -> None:
    (checks,) = re.findall(r"(\d+) checks of checkov", TEXT)
    assert len({each.check for each in explanations(EXPLAINED)}) == int(checks)


def test_links_lead_somewhere() -> None:
    for target in re.findall(r"\]\((?!https:)([^)#]+)\)", TEXT):
        assert (FOLDER / "reference" / target).is_file(), target


def sources(modules: Path, module: str) -> str:
    files = sorted((modules / module_path(module)).glob("*.tf"))
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


def resources(modules: Path, module: str) -> Mapping[str, bool]:
    """Return the addresses in a module, and whether each stands under a condition."""
    text = sources(modules, module)
    conditional = {".".join(found) for found in CONDITIONAL.findall(text)}
    addresses = re.findall(r'^resource "(\w+)" "(\w+)" \{', text, re.MULTILINE)
    return {f"{kind}.{name}": f"{kind}.{name}" in conditional for kind, name in addresses}
