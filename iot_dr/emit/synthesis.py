"""Synthesis of modules to Terraform JSON by the engine."""

import json
import re
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from importlib.metadata import distribution
from pathlib import Path, PurePosixPath
from typing import Any, Final

from cdktf import App

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.contract import Contract, Output, Variable
from iot_dr.emit.conventions import with_conventions
from iot_dr.emit.module_stack import INHERITED, EmittedCall, EmittedModuleStack
from iot_dr.emit.optional import with_optional
from iot_dr.emit.source_files import source_files
from iot_dr.emit.variables.rules import with_cross_rules
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform_json.configuration import COMMENT
from modules.function_package import function_package
from modules.function_zip import FUNCTIONS
from modules.number import Number

TERRAFORM: Final = ">= 1.11.0"
"""Terraform versions that modules are tested with; validations that refer to other variables need
1.9."""

PROVIDER: Final = ">= 6.25.0, != 6.57.0, < 7.0.0"
"""Provider versions: the engine's bindings are for the first; 6.57.0 was withdrawn."""

_WHY: Final = (
    "The tests need Terraform 1.11, and some arguments the provider 6.25. 6.57.0 was withdrawn, and"
    " no 7 exists that this was tested with."
)

MODULES: Final = "modules"
"""The folder of all modules except the root module."""

# Its shared/lazy_import.py is a file of TensorFlow, under the Apache License 2.0; the package
# `constructs` has the text of that.
_INSIDE: Final[Mapping[str, Mapping[str, str]]] = {
    "aws_lambda_powertools": {"tensorflow": "constructs"}
}

_KINDS: Final = ("locals", "data", "resource")
# Written from other sources, or not part of a module.
_LEFT_OUT: Final = ("//", "output", "provider", "terraform", "variable")


def requirements(blueprint: Blueprint | None = None) -> dict[str, Any]:
    """Return the block `terraform` of a module, as JSON, or of a root module that calls one."""
    aws: dict[str, Any] = {"source": "hashicorp/aws", "version": PROVIDER}
    if blueprint and blueprint.aliases:
        aws["configuration_aliases"] = list(blueprint.aliases)
    why = {COMMENT: _WHY} if blueprint else {}
    return {**why, "required_version": TERRAFORM, "required_providers": {"aws": aws}}


@dataclass(frozen=True, kw_only=True)
class SynthesizedModule:
    """A module's contract, the parts of its JSON, its calls, and the zips of its functions.

    `body` has local values, data sources and resources, `files` the file of each; `functions` are
    zips, and the licences of third-party code in them, by path in the module. `reserved` is how
    many concurrent executions each function needs.
    """

    blueprint: Blueprint
    contract: Contract
    body: Mapping[str, Any]
    files: Mapping[str, str]
    calls: Mapping[str, EmittedCall]
    functions: Mapping[str, Path]
    reserved: Mapping[str, Number]


def synthesized(blueprints: Sequence[Blueprint]) -> tuple[SynthesizedModule, ...]:
    """Synthesize modules in one run of the engine; raises ValueError for an unsupported block."""
    with tempfile.TemporaryDirectory(prefix="iot-dr-emit-") as folder:
        app = App(outdir=folder, skip_validation=True)
        stacks = [EmittedModuleStack(app, each.name, each.aliases) for each in blueprints]
        optional = [each.build(stack) for each, stack in zip(blueprints, stacks, strict=True)]
        app.synth()
        modules: list[SynthesizedModule] = []
        for blueprint, stack, some in zip(blueprints, stacks, optional, strict=True):
            file = Path(folder, "stacks", blueprint.name, "cdk.tf.json")
            document = json.loads(file.read_bytes())
            document = reduce(lambda written, change: change(written), stack.changes, document)
            document = with_conventions(document, blueprint, SchemaCache.default())
            document = reduce(with_optional, some, document)
            modules.append(_module(blueprint, stack, document))
        return tuple(modules)


def _module(
    blueprint: Blueprint, stack: EmittedModuleStack, document: Mapping[str, Any]
) -> SynthesizedModule:
    if unknown := document.keys() - {*_KINDS, *_LEFT_OUT}:
        message = f"{blueprint.name}: unsupported blocks: {', '.join(sorted(unknown))}"
        raise ValueError(message)
    body = {kind: _sorted(kind, document[kind]) for kind in _KINDS if document.get(kind)}
    files = source_files(body, stack, blueprint.files)
    functions = _with_own_code(body)
    outputs = tuple(_output(name, given) for name, given in document.get("output", {}).items())
    contract = _contract(blueprint, stack, body, outputs)
    used = re.findall(r"local\.(\w+)", repr([document, stack.calls, contract]))
    body["locals"] = {name: body["locals"][name] for name in body["locals"] if name in used}
    _leave_out_default_provider(body)
    return SynthesizedModule(
        blueprint=blueprint,
        contract=contract,
        body=body,
        files=files,
        calls=stack.calls,
        functions=functions,
        reserved=stack.reserved,
    )


def _contract(
    blueprint: Blueprint,
    stack: EmittedModuleStack,
    body: Mapping[str, Any],
    outputs: tuple[Output, ...],
) -> Contract:
    calls = stack.calls
    resources, sources = (_addresses(body.get(kind, {})) for kind in ("resource", "data"))
    return Contract(
        name=blueprint.name,
        aliases=blueprint.aliases,
        variables=tuple(_variable(each, stack) for each in with_cross_rules(blueprint.variables)),
        outputs=outputs,
        resources=resources,
        data_sources=tuple(f"data.{each}" for each in sources),
        modules=tuple(f"module.{each}" for each in sorted(calls)),
        versions={"terraform": TERRAFORM, "aws": PROVIDER},
        providers=_providers(body),
        placed=_placed(body.get("resource", {})),
        sources={f"module.{name}": f"./{MODULES}/{each.module}" for name, each in calls.items()},
    )


def _variable(variable: Variable, stack: EmittedModuleStack) -> Variable:
    description = variable.description[0].upper() + variable.description[1:]
    own = map(stack.derived, variable.validations)
    guards = stack.guards.get(variable.name, ())
    return replace(variable, description=description, validations=(*own, *guards))


def _with_own_code(body: Mapping[str, Any]) -> dict[str, Path]:
    """Change functions to use zips in the module's folder; return zips and licences by path."""
    functions: dict[str, Path] = {}
    for block in body.get("resource", {}).get("aws_lambda_function", {}).values():
        zip_name = Path(block["filename"]).name
        place = f"${{path.module}}/{FUNCTIONS}/{zip_name}"
        block["filename"], block["source_code_hash"] = place, f'${{filebase64sha256("{place}")}}'
        package = function_package(Path(zip_name).stem).path
        functions[f"{FUNCTIONS}/{zip_name}"] = package
        for name, file in licenses(package).items():
            functions[f"{FUNCTIONS}/licenses/{name}"] = file
    return functions


def _output(name: str, given: Mapping[str, Any]) -> Output:
    value = given["value"]
    # Outputs are always one whole expression, `${...}`.
    return Output(name=name, description=given["description"], value=value[2:-1])


def _providers(body: Mapping[str, Any]) -> tuple[str, ...]:
    blocks = [
        (type_, block)
        for kind in ("data", "resource")
        for type_, names in body.get(kind, {}).items()
        for block in names.values()
    ]
    used = {block.get("provider", type_.partition("_")[0]) for type_, block in blocks}
    return tuple(sorted(used))


def _leave_out_default_provider(body: Mapping[str, Any]) -> None:
    for kind in ("data", "resource"):
        for names in body.get(kind, {}).values():
            for block in names.values():
                if block.get("provider") == INHERITED:
                    del block["provider"]


def _placed(types: Mapping[str, Any]) -> dict[str, str]:
    return {
        f"{type_}.{name}": block["provider"]
        for type_, names in types.items()
        for name, block in names.items()
        if "provider" in block
    }


def _addresses(types: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(f"{type_}.{name}" for type_, names in types.items() for name in names))


def _sorted(kind: str, blocks: Mapping[str, Any]) -> dict[str, Any]:
    """Sort types and names, for reproducible text."""
    if kind == "locals":
        return dict(sorted(blocks.items()))
    return {type_: dict(sorted(names.items())) for type_, names in sorted(blocks.items())}


def third_party(package: Path) -> tuple[str, ...]:
    """Return the third-party packages in the zip of a function, sorted."""
    with zipfile.ZipFile(package) as archive:
        tops = {PurePosixPath(name).parts[0].removesuffix(".py") for name in archive.namelist()}
    return tuple(sorted(tops - {FUNCTIONS}))


def licenses(package: Path) -> Mapping[PurePosixPath, Path]:
    """Return the licence files of the third-party code in a zip, by `NAME/FILE`.

    Raises ValueError for a package without one, PackageNotFoundError if it is not installed.
    """
    files: dict[PurePosixPath, Path] = {}
    for name in third_party(package):
        for code, source in {name: name, **_INSIDE.get(name, {})}.items():
            texts = {PurePosixPath(code, file.name): file for file in _files(source)}
            if not texts:
                message = f"{source}: its distribution has no licence file"
                raise ValueError(message)
            files |= texts
    return files


def _files(name: str) -> Iterator[Path]:
    package = distribution(name)
    for file in package.files or ():
        if file.name.startswith("LICENSE") and ".dist-info" in file.parts[0]:
            yield Path(str(package.locate_file(file)))
