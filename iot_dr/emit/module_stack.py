"""The stack in which a module's constructs are synthesized."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

from cdktf import (
    TerraformLocal,
    TerraformOutput,
    TerraformStack,
    TerraformVariable,
)
from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_region import DataAwsRegion
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from iot_dr.emit.contract import Validation
from iot_dr.emit.module_context import (
    PREFIX,
    RESERVED,
    RULE_PREFIX,
    ZONE,
    ModuleContext,
    shortened_names,
)
from modules.number import Number, Unknown

ACCOUNT: Final = "account_id"
"""The variable with the account, and the local value with that of the provider if it is null."""

INHERITED: Final = "aws"
"""The provider configuration that a module inherits."""

Change = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Returns a changed copy of a Terraform JSON document."""


@dataclass(frozen=True, kw_only=True)
class EmittedCall:
    """A call of another module: its name, providers and arguments, and the condition for it."""

    module: str
    providers: Mapping[str, str]
    arguments: Mapping[str, Any]
    condition: str = ""


class EmittedModuleStack(TerraformStack):
    """Stack of a module, with its providers, local values, outputs and calls.

    `changes` are applied to the synthesized JSON, `calls` are calls of other modules, and `guards`
    are validations by variable, such as those of the passed providers. `reserved` is how many
    concurrent executions each function needs.
    """

    def __init__(self, scope: Construct, name: str, aliases: Sequence[str]) -> None:
        super().__init__(scope, name)
        self._providers = {each: _provider(self, each) for each in aliases or (INHERITED,)}
        self._locals: set[str] = set()
        self._derived: dict[str, str] = {}
        self._long_names: dict[str, dict[str, str | int]] = {}
        self.changes: list[Change] = []
        self.calls: dict[str, EmittedCall] = {}
        self.guards: dict[str, list[Validation]] = {}
        self.reserved: dict[str, Number] = {}

    def provider(self, configuration: str = INHERITED) -> AwsProvider:
        """Return the provider of a configuration such as `aws.standby`."""
        return self._providers[configuration]

    def local(self, name: str, value: Any) -> None:  # noqa: ANN401 - any Terraform value
        """Add a local value, unless it exists."""
        if name not in self._locals:
            self._locals.add(name)
            TerraformLocal(self, f"local_{name}", value).override_logical_id(name)

    def shortened(self, key: str, name: str, limit: int) -> str:
        """Return a name that is shortened as the stacks do, from a local value with all of them."""
        if not self._long_names:
            self.changes.append(self._with_names)
        self._long_names[key] = {"name": name, "limit": limit}
        return f"${{local.names.{key}}}"

    def _with_names(self, document: Mapping[str, Any]) -> dict[str, Any]:
        names = {"long_names": self._long_names, "names": shortened_names("local.long_names")}
        return {**document, "locals": {**document["locals"], **names}}

    def output(self, name: str, value: object, description: str) -> None:
        """Add an output of the module."""
        TerraformOutput(
            self, f"output_{name}", value=value, description=description
        ).override_logical_id(name)

    def string_variable(self, variable: str) -> str:
        """Return a string variable as a token for functions of the engine."""
        return TerraformVariable(self, variable).string_value

    def number_variable(self, variable: str) -> Unknown:
        """Return a number variable as a value that is unknown until apply."""
        return Unknown(f"var.{variable}")

    def repeat(self, address: str, block: str, for_each: str, numbered: str | None = None) -> None:
        """Turn the only block of a resource into a dynamic block for each value of a list.

        In the block `${BLOCK.value}` is the value; `numbered` is an argument that counts from 1.
        """
        change = partial(
            repeated, address=address, block=block, for_each=for_each, numbered=numbered
        )
        self.changes.append(change)

    def list_in_policy(self, address: str, only: str, expression: str) -> None:
        """Replace the list of one string in a policy by an expression for a list."""
        self.changes.append(partial(listed, address=address, only=only, expression=expression))

    def call(self, name: str, call: EmittedCall) -> None:
        """Add a call of another module."""
        self.calls[name] = call

    def context(self, region: str, *, has_roles: bool = True) -> ModuleContext:
        """Return the context for a region, an expression such as `var.region`.

        Adds the local value with which its names begin.
        """
        self.local(PREFIX, "${var.project}-${var.environment}")
        return ModuleContext(
            project="${var.project}",
            environment="${var.environment}",
            region=f"${{{region}}}",
            extra_tags={},
            function_boundary_arn="${var.permissions_boundary_arn}" if has_roles else None,
            shortened=self.shortened,
            reserves=self._reserves,
        )

    def _reserves(self, function: str, needed: Number) -> None:
        if function in self.reserved:  # the other region's
            return
        self.reserved[function] = needed
        number = needed.expression if isinstance(needed, Unknown) else needed
        # Lambda would throttle messages that it has received, which then count as failed.
        self._refuse(
            RESERVED,
            f'coalesce(try(var.{RESERVED}["{function}"], null), {number}) >= {number}',
            f"The value of {RESERVED} has fewer executions than {function} needs; expected {needed}"
            " or more, or null for no reservation.",
        )

    def regional(self, *, has_roles: bool = True) -> ModuleContext:
        """Return the context of a module for one region, and validate its provider's region."""
        self.guard("region")
        return self.context("local.region", has_roles=has_roles)

    def bucket_prefix(self) -> None:
        """Add the local value with which buckets' names begin; names of buckets are global."""
        name = "bucket_prefix"
        self.local(name, f'${{coalesce(var.{name}, "${{var.project}}-${{local.{ACCOUNT}}}")}}')

    def zone_name(self) -> None:
        """Add the local value with the zone's name."""
        self.local("zone_name", f"${{{ZONE}}}")

    def device_name(self) -> None:
        """Add the local values with the names of the zone and of the devices' endpoint."""
        self.zone_name()
        self.local("device_name", '${coalesce(var.device_name, "${var.label}.${local.zone_name}")}')

    def rule_names(self) -> None:
        """Add the local value with the prefix of topic rules' names."""
        self.local(RULE_PREFIX, f'${{replace(local.{PREFIX}, "-", "_")}}')

    def derived(self, rule: Validation) -> Validation:
        """Return a rule in which what providers say replaces a region that is null."""
        condition = rule.condition
        for variable, value in self._derived.items():
            if not condition.startswith(f"{variable} == null ?"):
                condition = re.sub(rf"{re.escape(variable)}\b", value, condition)
        return replace(rule, condition=condition)

    def guard(
        self, name: str, configuration: str = INHERITED, *, member: str = "", whole: str = ""
    ) -> None:
        """Add a local value for a provider's region, and validate its region and account.

        The variable `name`, or a member of it, says the region, or null for the provider's; a
        wrong provider is reported there. `whole` is a variable that the whole module depends on: it
        waits for that, since Terraform may read the data sources only during apply, and a
        postcondition of them would be too late then. No rule of `name` may refer to it.
        """
        said, works_in = f"var.{name}{member}", self._read_provider(configuration)
        region = f"coalesce({said}, {works_in})"
        self._refuse(
            name,
            f"{said} == null ? true : {works_in} == {said}",
            f"The provider {configuration} works in ${{{works_in}}}, and has to work in"
            f" {said}, ${{{region}}}.",
        )
        if not member:
            self._derived[said] = region
            self.local(name, f"${{{region}}}")
        self._wait(whole or "environment", name)

    def guard_fixed(self, region: str, configuration: str, variable: str) -> None:
        """Validate, at a variable, that a provider works in a region that no variable says."""
        works_in = self._read_provider(configuration)
        self._refuse(
            variable,
            f'can(var.{variable}) && {works_in} == "{region}"',
            f"The provider {configuration} works in ${{{works_in}}}, and has to work in {region}.",
        )

    def _read_provider(self, configuration: str) -> str:
        """Read a provider's region, and validate its account; return the region's expression."""
        slot, provider = slot_of(configuration), self.provider(configuration)
        DataAwsRegion(self, f"region_{slot}", provider=provider).override_logical_id(slot)
        DataAwsCallerIdentity(self, f"account_{slot}", provider=provider).override_logical_id(slot)
        first = f"data.aws_caller_identity.{slot_of(next(iter(self._providers)))}.account_id"
        account, of = f"coalesce(var.{ACCOUNT}, {first})", f"data.aws_caller_identity.{slot}"
        # Providers of one wrong account are one mistake, which the first one reports.
        same = "" if first == f"{of}.account_id" else f" || {of}.account_id == {first}"
        self.local(ACCOUNT, f"${{{account}}}")
        self._refuse(
            ACCOUNT,
            f"{of}.account_id == {account}{same}",
            f"The provider {configuration} works in account ${{{of}.account_id}}, and has to work"
            f" in var.{ACCOUNT}, ${{{account}}}.",
        )
        return f"data.aws_region.{slot}.region"

    def _refuse(self, variable: str, unless: str, error: str, comment: str = "") -> None:
        rule = Validation(condition=unless, error=error, comment=comment)
        self.guards.setdefault(variable, []).append(rule)

    def _wait(self, variable: str, other_variable: str) -> None:
        """Let what depends on a variable wait for the rules of another one, and of the account."""
        self._refuse(
            variable,
            f"can([var.{variable}, var.{other_variable}, var.{ACCOUNT}])",
            f"The value of {other_variable} or {ACCOUNT} is wrong.",
            "What depends on this variable waits for the rules of the others, so nothing is created"
            " in a wrong region or account.",
        )


def _provider(stack: EmittedModuleStack, configuration: str) -> AwsProvider:
    alias = configuration.partition(".")[2]
    return AwsProvider(stack, slot_of(configuration), alias=alias or None)


def slot_of(configuration: str) -> str:
    """Return the alias of a provider configuration, `current` for the inherited one."""
    return configuration.partition(".")[2] or "current"


def repeated(
    document: Mapping[str, Any], *, address: str, block: str, for_each: str, numbered: str | None
) -> dict[str, Any]:
    """Return a document in which a resource's only block is dynamic.

    Raises ValueError if there are several blocks, KeyError if there is none or no such resource.
    """
    body = dict(_resource(document, address))
    (only,) = body.pop(block)
    content = {**only, numbered: f"${{{block}.key + 1}}"} if numbered else only
    dynamic = {block: {"for_each": f"${{{for_each}}}", "content": content}}
    return _with(document, address, {**body, "dynamic": dynamic})


def listed(
    document: Mapping[str, Any], *, address: str, only: str, expression: str
) -> dict[str, Any]:
    """Return a document in which an expression replaces the list of one string in a policy.

    Raises ValueError if the policy has no such list, KeyError if there is no such resource.
    """
    body = _resource(document, address)
    policy, written = body["policy"], json.dumps([only])
    if written not in policy:
        message = f"{address}: its policy has no list with only {only}"
        raise ValueError(message)
    changed = policy.replace(written, f"${{jsonencode({expression})}}")
    return _with(document, address, {**body, "policy": changed})


def _resource(document: Mapping[str, Any], address: str) -> Mapping[str, Any]:
    type_, name = address.split(".")
    return document["resource"][type_][name]


def _with(document: Mapping[str, Any], address: str, body: Mapping[str, Any]) -> dict[str, Any]:
    type_, name = address.split(".")
    types = document["resource"]
    return {**document, "resource": {**types, type_: {**types[type_], name: body}}}
