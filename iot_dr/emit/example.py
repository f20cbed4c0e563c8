"""Examples of a module: root modules that call it, and their READMEs."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final

from iot_dr.emit.blueprint import Blueprint
from iot_dr.emit.contract import Variable
from iot_dr.emit.synthesis import SynthesizedModule
from modules.context import Context
from modules.global_region import GLOBAL_REGION

ACCOUNT: Final = "111111111111"
"""The account of all examples."""

_HOME, _STANDBY = "eu-west-1", "eu-central-1"
REGIONS: Final = {
    "aws": _HOME,
    "aws.primary": _HOME,
    "aws.standby": _STANDBY,
    "aws.us_east_1": GLOBAL_REGION,
}
"""The region of each provider configuration."""

_PROJECT, _ENVIRONMENT = "example", "dev"
# The default tags of the stacks' providers.
_TAGS: Final = Context(project=_PROJECT, environment=_ENVIRONMENT, region=_HOME, extra_tags={}).tags


def _served(region: str, number: int) -> dict[str, str]:
    return {
        "region": region,
        "regional_name": f"mqtt-{region}.iot-dev.example.com",
        "deep_check_id": f"00000000-0000-4000-8000-00000000000{number}",
        "alarm_topic_arn": f"arn:aws:sns:{region}:{ACCOUNT}:example-dev-alarms",
    }


_VALUES: Final[Mapping[str, Any]] = {
    "project": _PROJECT,
    "environment": _ENVIRONMENT,
    "domain": "example.com",
    "account_id": ACCOUNT,
    "region": _HOME,
    "regions": [_HOME, _STANDBY],
    "replica_regions": [_STANDBY],
    "home_region": _HOME,
    "standby_region": _STANDBY,
    "primary_region": _HOME,
    "zone_id": "Z0EXAMPLE",
    "bucket_prefix": "example-iot",
    "copied_keys": ["dev/iot.tfstate"],
    "regional_name": f"mqtt-{_HOME}.iot-dev.example.com",
    "alarm_topic_arn": f"arn:aws:sns:{_HOME}:{ACCOUNT}:example-dev-alarms",
    "device_state_table": "example-dev-device-state",
    "device_registry_table": "example-dev-device-registry",
    "primary": _served(_HOME, 1),
    "standby": _served(_STANDBY, 2),
}

_EXAMPLE: Final = """\
# Example `{kind}` of `{name}`

Calls the module with {arguments}. Replace the account, the regions and the names by yours, and \
read {first}the [notes](../../README.md#notes): what has to exist before, and what an apply changes.

```bash
terraform init
terraform plan
terraform apply
```

`terraform apply` creates resources that cost money; {destroy}
"""
_DESTROYED: Final = "`terraform destroy` deletes them."
_KEPT: Final = (
    "Terraform refuses to destroy them while {addresses} {verb} in the state, with"
    " `prevent_destroy`. `terraform state rm ADDRESS` takes one out: it stays in the account, and"
    " `terraform destroy` deletes the rest."
)
_ARGUMENTS: Final = {
    "basic": "the required arguments only",
    "complete": "every argument that is not null",
}


def examples(
    blueprint: Blueprint,
    variables: Sequence[Variable],
    outputs: Sequence[str],
    terraform: Mapping[str, Any],
) -> Mapping[PurePosixPath, Mapping[str, Any]]:
    """Return the files of two examples as parsed JSON, both with the block `terraform`.

    `basic` has only the required arguments, `complete` every argument that is not null.
    """
    required = [each for each in variables if each.is_required]
    calls = {"basic": required, "complete": variables}
    module = call_name(blueprint.name)
    given = {each: {"value": f"${{module.{module}.{each}}}"} for each in outputs}
    files: dict[PurePosixPath, Mapping[str, Any]] = {}
    for name, arguments in calls.items():
        folder = PurePosixPath("examples", name)
        files[folder / "main.tf"] = root_module(blueprint, "../..", arguments, terraform)
        files[folder / "outputs.tf"] = {"output": given}
    return files


def root_module(
    blueprint: Blueprint, source: str, variables: Sequence[Variable], terraform: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return a root module, as JSON, that calls a module with these variables unless null."""
    providers = {"providers": {each: each for each in blueprint.aliases}}
    call = {
        "source": source,
        **(providers if blueprint.aliases else {}),
        **example_values(blueprint, variables),
    }
    return {
        "terraform": terraform,
        "provider": {"aws": [_provider(each) for each in blueprint.aliases or ("aws",)]},
        "module": {call_name(blueprint.name): call},
    }


def call_name(module: str) -> str:
    """Return the name of a module's call in its examples."""
    return module.replace("-", "_")


def _provider(configuration: str) -> dict[str, Any]:
    alias = configuration.partition(".")[2]
    return {
        **({"alias": alias} if alias else {}),
        "region": REGIONS[configuration],
        "allowed_account_ids": [ACCOUNT],
        "default_tags": {"tags": _TAGS},
    }


def example_values(blueprint: Blueprint, variables: Sequence[Variable]) -> dict[str, Any]:
    """Return the values of variables in the examples, without those that are null."""
    values = {**_VALUES, **blueprint.values}
    given = {each.name: values.get(each.name, each.default) for each in variables}
    return {name: value for name, value in given.items() if value is not None}


def example_pages(
    module: SynthesizedModule, modules: Sequence[SynthesizedModule]
) -> Mapping[PurePosixPath, str]:
    """Return the READMEs of a module's examples."""
    name = module.blueprint.name
    kept = [f"`{each}`" for each in _kept(module, modules, f"module.{call_name(name)}")]
    verb = "are" if len(kept) > 1 else "is"
    first = "[what comes before the first apply](../../README.md#before-the-first-apply) and "
    return {
        PurePosixPath("examples", kind, "README.md"): _EXAMPLE.format(
            kind=kind,
            name=name,
            arguments=arguments,
            first=first if module.blueprint.first else "",
            destroy=_KEPT.format(addresses=", ".join(kept), verb=verb) if kept else _DESTROYED,
        )
        for kind, arguments in _ARGUMENTS.items()
    }


def _kept(
    module: SynthesizedModule, modules: Sequence[SynthesizedModule], within: str
) -> Iterator[str]:
    """Yield the addresses of what Terraform refuses to destroy, in a call at an address."""
    for type_, blocks in module.body.get("resource", {}).items():
        for name, block in blocks.items():
            if block.get("lifecycle", {}).get("prevent_destroy"):
                yield f"{within}.{type_}.{name}{'[0]' if 'count' in block else ''}"
    called = {each.blueprint.name: each for each in modules}
    for name, call in module.calls.items():
        index = "[0]" if call.condition else ""
        yield from _kept(called[call.module], modules, f"{within}.module.{name}{index}")
