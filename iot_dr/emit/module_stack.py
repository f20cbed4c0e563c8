"""The stack that a module's constructs stand in while it is made."""

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
from iot_dr.emit.module_context import PREFIX, RULE_PREFIX, ModuleContext, cut
from modules.number import Unknown

INHERITED: Final = "aws"
"""The provider configuration that a module has without being handed any."""

Change = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Returns a document of Terraform's JSON with a change."""


@dataclass(frozen=True, kw_only=True)
class Call:
    """The module, the provider configurations it is handed, and its arguments."""

    module: str
    providers: Mapping[str, str]
    arguments: Mapping[str, Any]


class ModuleStack(TerraformStack):
    """Providers by the names of their configurations, local values, and a context of variables.

    `changes` are to be made to the JSON that comes of it, `calls` are other modules, and `guards`
    rules of variables for the providers that a call hands over.
    """

    def __init__(self, scope: Construct, name: str, aliases: Sequence[str]) -> None:
        super().__init__(scope, name)
        self._providers = {each: _provider(self, each) for each in aliases or (INHERITED,)}
        self._locals: set[str] = set()
        self.changes: list[Change] = []
        self.calls: dict[str, Call] = {}
        self.guards: dict[str, list[Validation]] = {}

    def provider(self, configuration: str = INHERITED) -> AwsProvider:
        """Return the provider of a configuration such as `aws.standby`."""
        return self._providers[configuration]

    def local(self, name: str, value: Any) -> None:  # noqa: ANN401 - whatever Terraform takes
        """Write a local value; the same one again is no other."""
        if name not in self._locals:
            self._locals.add(name)
            TerraformLocal(self, f"local_{name}", value).override_logical_id(name)

    def shortened(self, name: str, whole: str, limit: int) -> None:
        """Write a local value that is cut as the stacks cut names that are too long."""
        self.local(f"{name}_whole", whole)
        self.local(name, cut(f"local.{name}_whole", limit))

    def give(self, name: str, value: object, description: str) -> None:
        """Write an output of the module."""
        TerraformOutput(
            self, f"output_{name}", value=value, description=description
        ).override_logical_id(name)

    def text(self, variable: str) -> str:
        """Return the text that a variable holds, for a function of the engine's."""
        return TerraformVariable(self, variable).string_value

    def number(self, variable: str) -> Unknown:
        """Return the number that a variable holds."""
        return Unknown(f"var.{variable}")

    def repeat(self, address: str, block: str, for_each: str, numbered: str | None = None) -> None:
        """Let Terraform repeat the one block of a resource for each value of a list.

        In the block `${BLOCK.value}` stands for the value; `numbered` is an argument that counts
        from 1 on.
        """
        change = partial(
            repeated, address=address, block=block, for_each=for_each, numbered=numbered
        )
        self.changes.append(change)

    def list_in_policy(self, address: str, only: str, expression: str) -> None:
        """Put a list that Terraform works out in the place of the list of one text, in a policy."""
        self.changes.append(partial(listed, address=address, only=only, expression=expression))

    def call(self, name: str, call: Call) -> None:
        """Call another module."""
        self.calls[name] = call

    def context(self, region: str, *, has_roles: bool = True) -> ModuleContext:
        """Return the context for a region, which is an expression such as `var.region`."""
        self.local(PREFIX, "${var.project}-${var.environment}")
        return ModuleContext(
            project="${var.project}",
            environment="${var.environment}",
            region=f"${{{region}}}",
            extra_tags={},
            function_boundary_arn="${var.permissions_boundary_arn}" if has_roles else None,
            local=self.local,
        )

    def regional(self, *, has_roles: bool = True) -> ModuleContext:
        """Return the context of a module for one region, whose provider it guards."""
        self.guard("var.region")
        return self.context("var.region", has_roles=has_roles)

    def rule_names(self) -> None:
        """Write the local value that the names of topic rules begin with."""
        self.local(RULE_PREFIX, f'${{replace(local.{PREFIX}, "-", "_")}}')

    def guard(
        self, region: str, configuration: str = INHERITED, variable: str = "environment"
    ) -> None:
        """Refuse a provider of another region or account than names are made of.

        It is a rule for a variable that all of a module depends on, and whose own rules no rule of
        `region` needs: a postcondition of a data source would come too late wherever Terraform has
        to read that while it applies.
        """
        name, said = _slot(configuration), region.strip('"')
        provider = self.provider(configuration)
        DataAwsRegion(self, f"region_{name}", provider=provider).override_logical_id(name)
        DataAwsCallerIdentity(self, f"account_{name}", provider=provider).override_logical_id(name)
        works_in, account = f"data.aws_region.{name}.region", "account_id"
        of = f"data.aws_caller_identity.{name}.{account}"
        has_to = said if said != region else f"{region}, ${{{region}}}"
        # A rule has to refer to its own variable.
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
    """Make the one block of a resource one for each value; raises ValueError if it has not one."""
    body = dict(_resource(document, address))
    (only,) = body.pop(block)
    content = {**only, numbered: f"${{{block}.key + 1}}"} if numbered else only
    dynamic = {block: {"for_each": f"${{{for_each}}}", "content": content}}
    return _with(document, address, {**body, "dynamic": dynamic})


def listed(
    document: Mapping[str, Any], *, address: str, only: str, expression: str
) -> dict[str, Any]:
    """Put an expression in the place of the list of one text in a policy.

    Raises ValueError when the policy has no such list.
    """
    body = _resource(document, address)
    policy, written = body["policy"], json.dumps([only])
    if written not in policy:
        message = f"{address}: its policy has no list of {only} alone"
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
