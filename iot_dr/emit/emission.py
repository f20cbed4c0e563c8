"""Writes modules as files, for a registry or a Git repository."""

import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Final

from iot_dr.common.project import ROOT
from iot_dr.common.whole_file import whole_file
from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.catalogue import CATALOGUE
from iot_dr.emit.changelog import (
    DATA,
    Release,
    changelog,
    current_version,
    module_changelog,
    releases,
)
from iot_dr.emit.contract import Variable
from iot_dr.emit.example import examples, module_call
from iot_dr.emit.folder import emission_folder
from iot_dr.emit.hcl.document import to_hcl
from iot_dr.emit.modules.platform import PLATFORM
from iot_dr.emit.readme import readme
from iot_dr.emit.shipped_tests import EXPECTED, Run, runs, shipped_tests
from iot_dr.emit.synthesis import MODULES, PROVIDER, TERRAFORM, SynthesizedModule, synthesized
from iot_dr.terraform.standin.cache import SchemaCache

TEST_FILE: Final = PurePosixPath("tests", "plan.tftest.hcl")
"""The path of a module's tests, in the folder that `terraform test` reads."""

_ABOUT_TESTS: Final = """\
# For `terraform init` and `terraform test`. Each run only plans, with mocked providers: it creates
# nothing, and needs no AWS account.
"""
_LICENSE: Final = ROOT / "LICENSE"
_ROOT: Final = PurePosixPath()
_GIT: Final = "git::https://git.example.com/iot-dr-modules.git"


def emit(names: Collection[str], folder: Path, *, force: bool) -> tuple[SynthesizedModule, ...]:
    """Write modules to a folder; return the written ones.

    `platform`, which combines the others, is the folder's root module, as registries require, and
    includes all of them. Raises the errors of `emission_folder`, and BindingsNotFoundError if the
    provider bindings are not installed.
    """
    needed = CATALOGUE if PLATFORM.name in names else names
    with emission_folder(folder, force=force) as draft:
        modules = synthesized([CATALOGUE[name] for name in CATALOGUE if name in needed])
        versions, schema = releases(DATA), SchemaCache.default()
        tests = runs(EXPECTED)
        for module in modules:
            folder_of = draft / module_path(module.blueprint.name)
            own_tests = tests[module.blueprint.name]
            for path, text in _texts(module, modules, versions, schema, own_tests).items():
                with whole_file(folder_of / path) as file:
                    file.write(text.encode())
            for path, source in module.functions.items():
                (folder_of / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder_of / path)
        shutil.copyfile(_LICENSE, draft / _LICENSE.name)
    return modules


def module_path(name: str) -> PurePosixPath:
    """Return a module's folder, relative to the output folder."""
    return _ROOT if name == PLATFORM.name else PurePosixPath(MODULES, name)


def _texts(
    module: SynthesizedModule,
    modules: Sequence[SynthesizedModule],
    versions: Sequence[Release],
    schema: SchemaCache,
    tests: Sequence[Run],
) -> Mapping[PurePosixPath, str]:
    contract, blueprint = module.contract, module.blueprint
    contracts = {each.blueprint.name: each.contract for each in modules}
    called = {f"module.{name}": contracts[call.module] for name, call in module.calls.items()}
    outputs = [each.name for each in contract.outputs]
    files = examples(blueprint, contract.variables, outputs, _terraform())
    test = to_hcl(shipped_tests(blueprint, contract, tests, called), schema.block)
    return {
        **configuration(module, schema),
        **{path: to_hcl(document, schema.block) for path, document in files.items()},
        TEST_FILE: f"{_ABOUT_TESTS}\n{test}",
        PurePosixPath("README.md"): _readme(module, modules, versions, schema),
        PurePosixPath("CHANGELOG.md"): (
            changelog(versions)
            if blueprint is PLATFORM
            else module_changelog(versions, blueprint.name)
        ),
    }


def configuration(module: SynthesizedModule, schema: SchemaCache) -> Mapping[PurePosixPath, str]:
    """Return the files that Terraform reads if a module is called."""
    contract = module.contract
    files: dict[str, Mapping[str, Any]] = {
        "main.tf": {**module.body, **_calls(module)},
        "variables.tf": {"variable": {each.name: _variable(each) for each in contract.variables}},
        "outputs.tf": {
            "output": {
                output.name: {"description": output.description, "value": f"${{{output.value}}}"}
                for output in contract.outputs
            }
        },
        "versions.tf": {"terraform": _terraform(module.blueprint)},
    }
    own = {key: block for document in files.values() for key, block in document.items()}
    return {
        PurePosixPath(name): to_hcl(document, schema.block, siblings=own)
        for name, document in files.items()
    }


def _calls(module: SynthesizedModule) -> dict[str, Any]:
    calls = {
        name: {
            "source": module.contract.sources[f"module.{name}"],
            "providers": called.providers,
            **called.arguments,
        }
        for name, called in module.calls.items()
    }
    return {"module": calls} if calls else {}


def _variable(variable: Variable) -> dict[str, Any]:
    default = {} if variable.is_required else {"default": variable.default}
    rules = [
        {"condition": f"${{{rule.condition}}}", "error_message": rule.error}
        for rule in variable.validations
    ]
    return {
        "description": variable.description,
        "type": variable.type,
        **default,
        "nullable": variable.nullable,
        **({"validation": rules} if rules else {}),
    }


def _terraform(blueprint: Blueprint | None = None) -> dict[str, Any]:
    aws: dict[str, Any] = {"source": "hashicorp/aws", "version": PROVIDER}
    if blueprint and blueprint.aliases:
        aws["configuration_aliases"] = list(blueprint.aliases)
    return {"required_version": TERRAFORM, "required_providers": {"aws": aws}}


def _readme(
    module: SynthesizedModule,
    modules: Sequence[SynthesizedModule],
    versions: Sequence[Release],
    schema: SchemaCache,
) -> str:
    blueprint, contract = module.blueprint, module.contract
    below = "" if blueprint is PLATFORM else f"//{module_path(blueprint.name)}"
    source = f"{_GIT}{below}?ref=v{current_version(versions)}"
    required = [each for each in contract.variables if each.is_required]
    usage = {"module": {blueprint.name.replace("-", "_"): module_call(blueprint, source, required)}}
    return readme(
        contract,
        title=blueprint.title,
        purpose=blueprint.purpose,
        usage=to_hcl(usage, schema.block),
        notes=(*blueprint.notes, *_about_concurrency(module, modules)),
    )


def _about_concurrency(
    module: SynthesizedModule, modules: Sequence[SynthesizedModule]
) -> Iterator[str]:
    called = {call.module for call in module.calls.values()} or {module.blueprint.name}
    reserved = [
        function["reserved_concurrent_executions"]
        for other_module in modules
        if other_module.blueprint.name in called
        for function in other_module.body.get("resource", {})
        .get("aws_lambda_function", {})
        .values()
    ]
    total = sum(each for each in reserved if isinstance(each, int))
    if reserved:
        # The watcher's reserved concurrency depends on the checks' interval and threshold.
        more = (
            "" if all(isinstance(each, int) for each in reserved) else ", and some for a watcher,"
        )
        some = f"{total}{more}" if total else "some, for a watcher,"
        yield (
            f"Of a region's concurrent executions of Lambda functions {some} are reserved; the"
            " quota of a new account may be too low."
        )
