"""Writes modules as files, for a registry or a Git repository."""

import re
import shutil
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any, Final

from environments.regions import IOT_REGIONS
from iot_dr.common.project import ROOT
from iot_dr.common.whole_file import whole_file
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import (
    DATA,
    Release,
    changelog,
    current_version,
    releases,
)
from iot_dr.emit.contract import Variable
from iot_dr.emit.example import example_pages, examples
from iot_dr.emit.folder import emission_folder
from iot_dr.emit.hcl.document import to_hcl
from iot_dr.emit.modules.platform import PLATFORM
from iot_dr.emit.pages import EXAMPLE_REPOSITORY, module_page, module_path
from iot_dr.emit.shipped_tests import EXPECTED, PlanRun, runs, shipped_tests
from iot_dr.emit.source_files import MAIN, in_file
from iot_dr.emit.synthesis import SynthesizedModule, requirements, synthesized, third_party
from iot_dr.emit.variables.rules import REGIONS_VALUE
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.configuration import COMMENT
from modules import function_zip

TEST_FILE: Final = PurePosixPath("tests", "plan.tftest.hcl")
"""The path of a module's tests, in the folder that `terraform test` reads."""

_ABOUT_TESTS: Final = """\
# For `terraform init` and `terraform test`. Each run only plans, with mocked providers: it creates
# nothing, and needs no AWS account.
"""
_REGIONS: Final = {
    "locals": {
        COMMENT: "The regions with AWS IoT Core, of the partition `aws`.",
        REGIONS_VALUE.removeprefix("local."): list(IOT_REGIONS),
    }
}
_LICENSE: Final = ROOT / "LICENSE"
_FUNCTIONS: Final = f"{function_zip.FUNCTIONS}/"

_MOST_LINES: Final = 300
# Variables of a module that has more lines of them, by subject; the others stay in variables.tf.
_SUBJECTS: Final = {
    "regions": r"(home|standby|primary)(_region)?",
    "names": r"domain|(\w+_)?zone(_\w+)?|delegate|\w+_name|label|ttl|tls_policy|\w*certificate\w*",
    "failover": r"interval|threshold|fail_back|port|own_endpoints",
    "data": r"(create|copy|deletion|parallelization|point|reconcile|stream)_\w+|\w+_table",
}


def emit(
    names: Collection[str],
    folder: Path,
    *,
    force: bool,
    repository: str = EXAMPLE_REPOSITORY,
) -> tuple[SynthesizedModule, ...]:
    """Write modules to a folder; return the written ones.

    `platform`, which combines the others, is the folder's root module, as registries require, and
    includes all of them. READMEs call the modules in `repository`. Raises the errors of
    `emission_folder`, and BindingsNotFoundError if the provider bindings are not installed.
    """
    needed = CATALOGUE if PLATFORM.name in names else names
    with emission_folder(folder, force=force) as draft:
        modules = synthesized([CATALOGUE[name] for name in CATALOGUE if name in needed])
        sources = _Sources(
            modules=modules,
            releases=releases(DATA),
            runs=runs(EXPECTED),
            schema=SchemaCache.default(),
            repository=repository,
        )
        for module in modules:
            folder_of = draft / module_path(module.blueprint.name)
            for path, text in _texts(module, sources).items():
                with whole_file(folder_of / path) as file:
                    file.write(text.encode())
            for path, source in module.functions.items():
                (folder_of / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder_of / path)
        shutil.copyfile(_LICENSE, draft / _LICENSE.name)
        _write_function_sources(draft, modules)
    return modules


def _write_function_sources(draft: Path, modules: Sequence[SynthesizedModule]) -> None:
    """Write the code in the modules' zips, the program that builds them, and its requirements."""
    paths = (path for module in modules for path in module.functions.values())
    zips = sorted({path for path in paths if path.suffix == ".zip"})
    for path in zips:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            archive.extractall(draft, [name for name in names if name.startswith(_FUNCTIONS)])
    if zips:
        pins = sorted({f"{name}=={version(name)}\n" for path in zips for name in third_party(path)})
        (draft / _FUNCTIONS / "requirements.txt").write_text("".join(pins), encoding="utf-8")
        shutil.copyfile(function_zip.__file__, draft / _FUNCTIONS / "build.py")


@dataclass(frozen=True, kw_only=True)
class _Sources:
    modules: Sequence[SynthesizedModule]
    releases: Sequence[Release]
    runs: Mapping[str, Sequence[PlanRun]]
    schema: SchemaCache
    repository: str


def _texts(module: SynthesizedModule, sources: _Sources) -> Mapping[PurePosixPath, str]:
    contract, blueprint, blocks = module.contract, module.blueprint, sources.schema.block
    name, version = blueprint.name, current_version(sources.releases)
    contracts = {each.blueprint.name: each.contract for each in sources.modules}
    called = {f"module.{key}": contracts[call.module] for key, call in module.calls.items()}
    outputs = [each.name for each in contract.outputs]
    files = examples(blueprint, contract.variables, outputs, requirements())
    tests = shipped_tests(blueprint, contract, sources.runs[name], called)
    page = module_page(module, sources.modules, version, sources.repository, blocks)
    changes = changelog(sources.releases)
    return {
        **configuration(module, sources.schema),
        **{path: to_hcl(document, blocks) for path, document in files.items()},
        **example_pages(module, sources.modules),
        TEST_FILE: f"{_ABOUT_TESTS}\n{to_hcl(tests, blocks)}",
        PurePosixPath("README.md"): page,
        **({PurePosixPath("CHANGELOG.md"): changes} if blueprint is PLATFORM else {}),
    }


def configuration(module: SynthesizedModule, schema: SchemaCache) -> Mapping[PurePosixPath, str]:
    """Return the files that Terraform reads if a module is called."""
    contract = module.contract
    variables = {each.name: _variable(each) for each in contract.variables}
    declared: dict[str, Mapping[str, Any]] = {
        "outputs.tf": {
            "output": {
                output.name: {"description": output.description, "value": f"${{{output.value}}}"}
                for output in contract.outputs
            }
        },
        "versions.tf": {"terraform": requirements(module.blueprint)},
    }
    created = {
        f"{name}.tf": in_file(module.body, module.files, name)
        for name in (MAIN, *module.blueprint.files)
    }
    main = {
        f"{MAIN}.tf": {"locals": module.body["locals"], **created[f"{MAIN}.tf"], **_calls(module)}
    }
    moves = {"moved.tf": {"moved": moved}} if (moved := _moves(module)) else {}
    rules = (rule.condition for each in contract.variables for rule in each.validations)
    regions = {"regions.tf": _REGIONS} if any(REGIONS_VALUE in each for each in rules) else {}
    blocks = {key: block for document in declared.values() for key, block in document.items()}
    siblings = {"variable": variables, **blocks, **module.body}
    written = partial(to_hcl, blocks=schema.block, siblings=siblings)
    texts = {
        name: written(document)
        for name, document in {**created, **main, **moves, **regions, **declared}.items()
    }
    return {
        PurePosixPath(name): text for name, text in {**texts, **_inputs(variables, written)}.items()
    }


def _inputs(
    variables: Mapping[str, Any], written: Callable[[Mapping[str, Any]], str]
) -> dict[str, str]:
    """Return the files of variables: one, or one for each subject if it would be long."""
    whole = written({"variable": variables})
    if whole.count("\n") <= _MOST_LINES:
        return {"variables.tf": whole}
    files: dict[str, dict[str, Any]] = {}
    for name, block in variables.items():
        subjects = (f".{key}" for key, regex in _SUBJECTS.items() if re.fullmatch(regex, name))
        files.setdefault(f"variables{next(subjects, '')}.tf", {})[name] = block
    return {file: written({"variable": part}) for file, part in files.items()}


def _calls(module: SynthesizedModule) -> dict[str, Any]:
    calls = {
        name: {
            "source": module.contract.sources[f"module.{name}"],
            **({"count": f"${{{called.condition} ? 1 : 0}}"} if called.condition else {}),
            "providers": called.providers,
            **called.arguments,
        }
        for name, called in module.calls.items()
    }
    return {"module": calls} if calls else {}


def _moves(module: SynthesizedModule) -> list[dict[str, str]]:
    """Return the moves of calls that have a condition, since 2.0.0.

    Terraform itself moves resources that get a count, but no calls.
    """
    return [
        {"from": f"module.{name}", "to": f"module.{name}[0]"}
        for name, called in module.calls.items()
        if called.condition
    ]


def _variable(variable: Variable) -> dict[str, Any]:
    default = {} if variable.is_required else {"default": variable.default}
    rules = [
        {
            **({COMMENT: rule.comment} if rule.comment else {}),
            "condition": f"${{{rule.condition}}}",
            "error_message": rule.error,
        }
        for rule in variable.validations
    ]
    return {
        "description": variable.description,
        "type": variable.type,
        **default,
        "nullable": variable.nullable,
        **({"validation": rules} if rules else {}),
    }
