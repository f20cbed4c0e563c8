"""READMEs of the modules, of their root folder, and of their examples."""

import re
from collections.abc import Iterator, Mapping, Sequence
from math import floor
from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Final

from iot_dr.emit.changelog import Version
from iot_dr.emit.example import call_name, root_module
from iot_dr.emit.folder import MANIFEST
from iot_dr.emit.hcl.document import to_hcl
from iot_dr.emit.hcl.shape import BlockOf
from iot_dr.emit.modules.device_registry import DEVICE_REGISTRY
from iot_dr.emit.modules.platform import PLATFORM
from iot_dr.emit.readme import readme
from iot_dr.emit.synthesis import MODULES, SynthesizedModule, requirements
from modules.number import Number, Unknown

EXAMPLE_REPOSITORY: Final = "https://git.example.com/terraform-aws-iot-dr.git"
"""The address of the modules if nobody says where they will be."""

_CHOICE: Final = """\
- `platform`, in this folder, for two regions in one state: one call, and one plan that needs both \
regions and us-east-1.
- The single modules, for a root module and a state for each region, so that a region can be \
changed during an outage of the other; or only some of them, in Terraform that exists.
- `state-backend` first, in both cases, if the states must be readable during an outage of the \
home region."""

_TOGETHER: Final = """\
[main.tf](main.tf) has the calls of `platform` in this order, and what each takes from those above \
it: root modules of your own make the same. `entry-point` is in one state for both regions, since \
records of two states cannot change together."""

_BILLED: Final[Mapping[str, tuple[str, str]]] = {
    "aws_route53_zone": ("zone", "zones"),
    "aws_route53_health_check": ("health check", "health checks"),
    "aws_cloudwatch_metric_alarm": ("alarm", "alarms"),
    "aws_kms_key": ("KMS key", "KMS keys"),
    "aws_dynamodb_table": ("table in each region", "tables in each region"),
    "aws_kinesis_stream": ("stream", "streams"),
    "aws_cloudtrail": ("trail", "trails"),
    "aws_lambda_function": ("function", "functions"),
    "aws_sqs_queue": ("queue", "queues"),
    "aws_apigatewayv2_api": ("HTTP API", "HTTP APIs"),
}
_PRICES: Final = """\
Zones, health checks, alarms and KMS keys are billed by the month. A stream on demand is billed by \
the hour and by the amount of data, and one with `stream_shards` by the hour for each shard: 720 \
shard-hours a month. Tables, functions, queues and APIs are billed by use, and the first trail of \
a region not at all. Of the watchers of `entry-point`, only that in the standby exists."""

_SERVERS: Final = "name_servers"
_CANDIDATE: Final = """

**`v{}` is a release candidate**: it was planned and applied with a provider that stands in for \
AWS, and never on AWS itself."""

_FUNCTIONS: Final = """\
The Python code in the zips of Lambda functions is in [functions](functions). To build all zips \
again in their places, with Python 3.11 or later, and see by `git status` that they are the same:

```bash
python -m pip install --no-deps -r functions/requirements.txt
python functions/build.py
```

Their unit tests are where the modules are generated."""

_TESTS: Final = """\
`terraform init` and `terraform test` in the folder of a module plan it with mocked providers: \
they create nothing and need no AWS account."""

_LICENSE: Final = """\
MIT, see [LICENSE](LICENSE). The zips of Lambda functions include third-party code if there is a \
folder `functions/licenses` next to them, with its licences."""


_DEPENDS_ON: Final = (
    "Do not use `depends_on` in the call: while what it names has changes, Terraform reads the"
    " module's data sources only during apply. Unless the call says account and regions, it then"
    " plans to replace what is named after them{also}."
)
_MAPPING: Final = ", and in any case the event source mapping of `device-registry`"
_TOPICS: Final = (
    "Alarms notify {outputs}, and these topics nobody until you subscribe: `aws sns subscribe"
    " --region REGION --topic-arn ARN --protocol email --notification-endpoint ADDRESS`, or"
    " `aws_sns_topic_subscription`."
)


def module_path(name: str) -> PurePosixPath:
    """Return a module's folder, relative to the output folder."""
    return PurePosixPath() if name == PLATFORM.name else PurePosixPath(MODULES, name)


def module_page(
    module: SynthesizedModule,
    modules: Sequence[SynthesizedModule],
    version: Version,
    repository: str,
    blocks: BlockOf,
) -> str:
    """Return a module's README; that of `platform` is about all modules too.

    `repository` is the address from which git clones the modules; `blocks` is that of `to_hcl`.
    """
    blueprint, contract = module.blueprint, module.contract
    is_root = blueprint is PLATFORM
    below = "" if is_root else f"//{module_path(blueprint.name)}"
    source = f"git::{repository}{below}?ref=v{version}"
    required = [each for each in contract.variables if each.is_required]
    root = root_module(blueprint, source, required, requirements())
    servers = f"${{module.{call_name(blueprint.name)}.{_SERVERS}}}"
    if any(each.name == _SERVERS for each in contract.outputs):
        root = {**root, "output": {_SERVERS: {"value": servers}}}
    usage = to_hcl(root, blocks)
    called = {call.module for call in module.calls.values()} | {blueprint.name}
    topics = " and ".join(f"`{each.name}`" for each in contract.outputs if "topic_arn" in each.name)
    address = ", the address of the modules" if repository == EXAMPLE_REPOSITORY else ""
    return readme(
        contract,
        title=blueprint.title,
        purpose=f"{blueprint.purpose}{_CANDIDATE.format(version) if version.is_candidate else ''}",
        first=blueprint.first.replace("NAME", call_name(blueprint.name)),
        usage=f"Replace the account, the regions{address} and the names by yours.\n\n"
        f"```hcl\n{usage}```",
        notes=(
            *blueprint.notes,
            *([_TOPICS.format(outputs=topics)] if topics else []),
            _DEPENDS_ON.format(also=_MAPPING if DEVICE_REGISTRY.name in called else ""),
            *_about_concurrency(
                module, [each for each in modules if each.blueprint.name in called]
            ),
        ),
        more=_front_page(module, modules, version) if is_root else (),
    )


def _about_concurrency(
    module: SynthesizedModule, called: Sequence[SynthesizedModule]
) -> Iterator[str]:
    needed = {function: number for each in called for function, number in each.reserved.items()}
    if needed:
        defaults = SimpleNamespace(
            **{each.name: each.default for each in module.contract.variables}
        )
        terms = {name: _with_defaults(number, defaults) for name, number in needed.items()}
        rows = ", ".join(
            f"`{name}` {terms[name]}"
            + (f" (`{number.expression}`)" if isinstance(number, Unknown) else "")
            for name, number in needed.items()
        )
        yield (
            f"Lambda functions reserve up to {sum(terms.values())} concurrent executions of a"
            f" region's quota with the defaults: {rows}. AWS keeps 100 unreserved, and the quota of"
            " a new account may be 10: `reserved_concurrency = null` reserves none, and the"
            " functions then share the quota with all others in the region."
        )


def _with_defaults(number: Number, defaults: SimpleNamespace) -> int:
    """Return a number for the defaults of the variables in it."""
    names: dict[str, object] = {"var": defaults, "floor": floor, "max": max, "__builtins__": None}
    expression = number.expression if isinstance(number, Unknown) else str(number)
    # An expression of modules/number.py, which means the same in Terraform and in Python.
    return int(eval(expression, names))  # noqa: S307 - see above


def _front_page(
    platform: SynthesizedModule, modules: Sequence[SynthesizedModule], version: Version
) -> tuple[str, ...]:
    """Return sections of Markdown about all modules."""
    rows = [
        (
            f"[`{module.blueprint.name}`]({module_path(module.blueprint.name)})",
            ", ".join(f"`{alias}`" for alias in module.blueprint.aliases or ("aws",)),
            module.blueprint.purpose,
        )
        for module in modules
    ]
    versions = (
        f"All modules share one version, the Git tag `v{version}`: use the same `ref` in all calls"
        " of a root module. A patch or minor version keeps every call valid and removes no"
        " resource; [CHANGELOG.md](CHANGELOG.md) says what to do for a major one."
        f" `{MANIFEST}` lists the emitted files for the next emission; a fork can delete it."
    )
    costs = _table(
        ("Module", "Left out by", "Calls", "Each call creates, of what AWS bills"),
        [*_costs(platform, modules)],
    )
    return (
        f"## Which module\n\n{_CHOICE}\n\n{_table(('Module', 'Providers', 'Purpose'), rows)}",
        f"## How the modules fit together\n\n{_TOGETHER}",
        f"## What it costs, in quantities\n\n{costs}\n\n{_PRICES}",
        f"## Versions\n\n{versions}",
        f"## Functions\n\n{_FUNCTIONS}",
        f"## Tests\n\n{_TESTS}",
        f"## License\n\n{_LICENSE}",
    )


def _costs(
    platform: SynthesizedModule, modules: Sequence[SynthesizedModule]
) -> Iterator[tuple[str, str, str, str]]:
    for module in modules:
        name = module.blueprint.name
        calls = [call for call in platform.calls.values() if call.module == name]
        created = module.body.get("resource", {})
        billed = ", ".join(
            f"{len(created[type_])} {noun if len(created[type_]) == 1 else plural}"
            for type_, (noun, plural) in _BILLED.items()
            if type_ in created
        )
        if calls:
            names = re.findall(r"var\.(\w+)", calls[0].condition)
            left_out = " and ".join(f"`{each} = false`" for each in names)
            yield f"`{name}`", left_out, str(len(calls)), billed


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
