"""The stack in which a module's constructs are synthesized."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
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
    ModuleContext,
    shortened_expression,
)
from iot_dr.emit.variables.rules import validation
from modules.number import Number, Unknown

INHERITED: Final = "aws"
"""The provider configuration that a module inherits."""

Change = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Returns a changed copy of a Terraform JSON document."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """A call of another module: its name, providers and arguments."""

    module: str
    providers: Mapping[str, str]
    arguments: Mapping[str, Any]


class ModuleStack(TerraformStack):
    """Stack of a module, with its providers, local values, outputs and calls.

    `changes` are applied to the synthesized JSON, `calls` are calls of other modules, and `guards`
    are validations by variable, such as those of the passed providers. `reserved` is how many
    concurrent executions each function needs.
    """

    def __init__(self, scope: Construct, name: str, aliases: Sequence[str]) -> None:
        super().__init__(scope, name)
        self._providers = {each: _provider(self, each) for each in aliases or (INHERITED,)}
        self._locals: set[str] = set()
        self.changes: list[Change] = []
        self.calls: dict[str, Call] = {}
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

    def shortened(self, name: str, whole: str, limit: int) -> None:
        """Add a local value that shortens a name as the stacks do."""
        self.local(f"{name}_whole", whole)
        self.local(name, shortened_expression(f"local.{name}_whole", limit))

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

    def call(self, name: str, call: Call) -> None:
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
            local=self.local,
            reserves=self._reserves,
        )

    def _reserves(self, function: str, needed: Number) -> None:
        if function in self.reserved:  # the other region's
            return
        self.reserved[function] = needed
        number = needed.expression if isinstance(needed, Unknown) else needed
        # Lambda would throttle messages that it has received, which then count as failed.
        given = f'coalesce(try(var.{RESERVED}["{function}"], null), {number})'
        self.guards.setdefault(RESERVED, []).append(
            validation(
                RESERVED,
                f"has fewer executions than {function} needs; expected {needed} or more, or"
                " null for no reservation",
                unless=f"{given} >= {number}",
            )
        )

    def regional(self, *, has_roles: bool = True) -> ModuleContext:
        """Return the context of a module for one region, and validate its provider's region."""
        self.guard("var.region")
        return self.context("var.region", has_roles=has_roles)

    def rule_names(self) -> None:
        """Add the local value with the prefix of topic rules' names."""
        self.local(RULE_PREFIX, f'${{replace(local.{PREFIX}, "-", "_")}}')

    def guard(
        self, region: str, configuration: str = INHERITED, variable: str = "environment"
    ) -> None:
        """Add validations that a provider has the region and account that names contain.

        They belong to a variable that the whole module depends on and that no rule of `region`
        refers to. A postcondition of the data source would be too late if Terraform reads it only
        during apply.
        """
        name, said = _slot(configuration), region.strip('"')
        provider = self.provider(configuration)
        DataAwsRegion(self, f"region_{name}", provider=provider).override_logical_id(name)
        DataAwsCallerIdentity(self, f"account_{name}", provider=provider).override_logical_id(name)
        works_in, account = f"data.aws_region.{name}.region", "account_id"
        of = f"data.aws_caller_identity.{name}.{account}"
        has_to = said if said != region else f"{region}, ${{{region}}}"
        # A validation must refer to its own variable:
        # developer.hashicorp.com/terraform/language/values/variables
        always = f"can(var.{variable})"
        self.guards[variable] = [
            *self.guards.get(variable, ()),
            Validation(
                condition=f"{always} && {works_in} == {region}",
                error=f"The provider {configuration} works in ${{{works_in}}}, and has to work in"
                f" {has_to}.",
            ),
            Validation(
                condition=f"{always} && {of} == var.{account}",
                error=f"The provider {configuration} works in account ${{{of}}}, and has to work in"
                f" var.{account}, ${{var.{account}}}.",
            ),
        ]


def _provider(stack: ModuleStack, configuration: str) -> AwsProvider:
    alias = configuration.partition(".")[2]
    return AwsProvider(stack, _slot(configuration), alias=alias or None)


def _slot(configuration: str) -> str:
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
