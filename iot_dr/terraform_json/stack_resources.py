"""The resources of one stack, and what is around them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from iot_dr.terraform_json.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True)
class StateRead:
    """A `terraform_remote_state` data source: where it reads from, by backend kind and settings.

    `name` is the data source's address without `data.terraform_remote_state.`, its module's path
    before it; `outputs` what a plan tells of what was read.
    """

    name: str
    backend: str
    config: Mapping[str, Any]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class StackResources:
    """One Terraform document: a stack of ours, or a root module of somebody else's.

    `outputs` are literals or expressions, as in `Resource.values`; `providers` the region of each
    provider configuration by its key (`aws`, `aws.eu_west_1`), None where it is not known.
    `backend` is where its state is, None where the document does not say (a plan never does).
    `definitions` are what else expressions refer to: `local.x`, `var.x`, `module.m.var.x` (in the
    words of the module that calls), `module.m.output.x`, `output.x`, and `ADDRESS.each`, which the
    instances of a resource or module are made from; addresses without keys of instances.
    `not_checked` says what is there and is not among the resources, or not as what it will be;
    `cdktf_name` what cdktf calls the stack in what it synthesizes, None where it did not.
    """

    name: str
    resources: tuple[Resource, ...]
    outputs: Mapping[str, Any] = field(default_factory=dict[str, Any])
    providers: Mapping[str, str | None] = field(default_factory=dict[str, str | None])
    reads: tuple[StateRead, ...] = ()
    backend: tuple[str, Mapping[str, Any]] | None = None
    is_plan: bool = False
    definitions: Mapping[str, Any] = field(default_factory=dict[str, Any])
    not_checked: tuple[str, ...] = ()
    cdktf_name: str | None = None
