"""Modules as files: what a registry or a Git repository serves."""

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
from iot_dr.emit.example import call, examples
from iot_dr.emit.folder import emitted
from iot_dr.emit.hcl.document import written
from iot_dr.emit.modules.platform import PLATFORM
from iot_dr.emit.readme import readme
from iot_dr.emit.synthesis import MODULES, PROVIDER, TERRAFORM, SynthesizedModule, synthesized
from iot_dr.terraform.standin.cache import SchemaCache

_LICENSE: Final = ROOT / "LICENSE"
_ROOT: Final = PurePosixPath()
_GIT: Final = "git::https://git.example.com/iot-dr-modules.git"


def emit(names: Collection[str], folder: Path, *, force: bool) -> tuple[SynthesizedModule, ...]:
    """Write modules into a folder; gives what was written.

    The module that puts the others together is the folder's root, as a registry wants one, and
    brings all of them along. Raises what `iot_dr.emit.folder.emitted` raises, and
    BindingsNotFoundError without the engine's schema.
    """
    needed = CATALOGUE if PLATFORM.name in names else names
    with emitted(folder, force=force) as draft:
        modules = synthesized([CATALOGUE[name] for name in CATALOGUE if name in needed])
        versions, schema = releases(DATA), SchemaCache.default()
        for module in modules:
            folder_of = draft / place(module.blueprint.name)
            for path, text in _texts(module, modules, versions, schema).items():
                with whole_file(folder_of / path) as file:
                    file.write(text.encode())
            for path, source in module.functions.items():
                (folder_of / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, folder_of / path)
        shutil.copyfile(_LICENSE, draft / _LICENSE.name)
    return modules


def place(name: str) -> PurePosixPath:
    """Return the folder of a module below that of all."""
    return _ROOT if name == PLATFORM.name else PurePosixPath(MODULES, name)


def _texts(
    module: SynthesizedModule,
    modules: Sequence[SynthesizedModule],
    versions: Sequence[Release],
    schema: SchemaCache,
) -> Mapping[PurePosixPath, str]:
    contract, blueprint = module.contract, module.blueprint
    files: dict[PurePosixPath, Mapping[str, Any]] = {
        PurePosixPath("main.tf"): {**module.body, **_calls(module)},
        PurePosixPath("variables.tf"): {
            "variable": {each.name: _variable(each) for each in contract.variables}
        },
        PurePosixPath("outputs.tf"): {
            "output": {
                each.name: {"description": each.description, "value": f"${{{each.value}}}"}
                for each in contract.outputs
            }
        },
        PurePosixPath("versions.tf"): {"terraform": _terraform(blueprint)},
    }
    own = {key: block for document in files.values() for key, block in document.items()}
    outputs = [each.name for each in contract.outputs]
    files |= examples(blueprint, contract.variables, outputs, _terraform())
    texts = {
        path: written(document, schema.block, beside=own if len(path.parts) == 1 else None)
        for path, document in files.items()
    }
    return {
        **texts,
        PurePosixPath("README.md"): _readme(module, modules, versions, schema),
        PurePosixPath("CHANGELOG.md"): (
            changelog(versions)
            if blueprint is PLATFORM
            else module_changelog(versions, blueprint.name)
        ),
    }


def _calls(module: SynthesizedModule) -> dict[str, Any]:
    calls = {
        name: {
            "source": module.contract.sources[f"module.{name}"],
            "providers": each.providers,
            **each.arguments,
        }
        for name, each in module.calls.items()
    }
    return {"module": calls} if calls else {}


def _variable(variable: Variable) -> dict[str, Any]:
    default = {} if variable.is_required else {"default": variable.default}
    rules = [
        {"condition": f"${{{each.condition}}}", "error_message": each.error}
        for each in variable.validations
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
    below = "" if blueprint is PLATFORM else f"//{place(blueprint.name)}"
    source = f"{_GIT}{below}?ref=v{current_version(versions)}"
    required = [each for each in contract.variables if each.is_required]
    usage = {"module": {blueprint.name.replace("-", "_"): call(blueprint, source, required)}}
    return readme(
        contract,
        title=blueprint.title,
        purpose=blueprint.purpose,
        usage=written(usage, schema.block),
        notes=(*blueprint.notes, *_about_concurrency(module, modules)),
    )


def _about_concurrency(
    module: SynthesizedModule, modules: Sequence[SynthesizedModule]
) -> Iterator[str]:
    called = {call.module for call in module.calls.values()} or {module.blueprint.name}
    reserved = [
        function["reserved_concurrent_executions"]
        for each in modules
        if each.blueprint.name in called
        for function in each.body.get("resource", {}).get("aws_lambda_function", {}).values()
    ]
    known = sum(each for each in reserved if isinstance(each, int))
    if reserved:
        # What the watcher reserves goes by the checks' interval and threshold.
        more = (
            "" if all(isinstance(each, int) for each in reserved) else ", and some for a watcher,"
        )
        some = f"{known}{more}" if known else "some, for a watcher,"
        yield (
            f"Of a region's concurrent executions of Lambda functions {some} are reserved, which a"
            " new account may not have yet."
        )
