"""The contract of a module."""

from dataclasses import dataclass, field

from iot_dr.emit.contract.output import Output
from iot_dr.emit.contract.variable import Variable


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What callers of a module rely on.

    `aliases` are the provider configurations that a call must hand over, such as `aws.standby`;
    none where the module works with the one it inherits. `resources`, `data_sources` and
    `modules` are the addresses of what is in it (`aws_route53_zone.zone`, `data.aws_region.this`,
    `module.canary`), sorted. `versions` are the constraints for Terraform (`terraform`) and each
    provider (`aws`). `providers` are the configurations that its own resources and data sources
    use (`aws`, `aws.standby`), `placed` tells the one of each of `resources`, and `sources` where
    each of `modules` comes from (`module.canary`: `./modules/canary`).
    """

    name: str
    aliases: tuple[str, ...]
    variables: tuple[Variable, ...]
    outputs: tuple[Output, ...]
    resources: tuple[str, ...]
    data_sources: tuple[str, ...]
    modules: tuple[str, ...]
    versions: dict[str, str]
    providers: tuple[str, ...] = ()
    sources: dict[str, str] = field(default_factory=dict[str, str])
    placed: dict[str, str] = field(default_factory=dict[str, str])
