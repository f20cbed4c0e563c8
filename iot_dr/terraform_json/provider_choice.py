"""The AWS provider that Terraform runs with."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from iot_dr.common.terraform_binary import product
from iot_dr.common.user_error import UsageError

PROVIDER: Final = "PROVIDER"
"""The environment variable that selects the provider."""

_FREE_TO_TRY = "dev"


class ProviderError(UsageError):
    """No provider, or an unknown one, was selected."""


class Provider(Enum):
    """The real AWS provider, or the stand-in, which needs no account and no network."""

    STANDIN = "standin"
    AWS = "aws"

    @classmethod
    def select(
        cls, named: str | None, environment: str, variables: Mapping[str, str]
    ) -> "Provider":
        """Return the provider named by an option, else by `PROVIDER`; dev defaults to the stand-in.

        Raises ProviderError for an unknown name, and for an environment other than dev without one.
        """
        name = named or variables.get(PROVIDER)
        allowed = " or ".join(f"{PROVIDER}={provider.value}" for provider in cls)
        if not name and environment != _FREE_TO_TRY:
            message = (
                f"{environment}: no provider is selected, and only {_FREE_TO_TRY} has a default;"
                f" set {allowed}"
            )
            raise ProviderError(message)
        try:
            return cls(name or cls.STANDIN.value)
        except ValueError:
            message = f"{PROVIDER}: unknown provider {name!r}; expected {allowed}"
            raise ProviderError(message) from None

    @property
    def display_name(self) -> str:
        """The provider's name in a sentence."""
        return "aws" if self is Provider.AWS else "stand-in"

    @property
    def banner(self) -> str:
        """A notice of the provider for commands that do not apply."""
        if self is Provider.AWS:
            return "Provider: hashicorp/aws, with the real backend; nothing is applied."
        return (
            f"Provider: STAND-IN for hashicorp/aws. {product()} is real; ids, ARNs and addresses"
            " are invented.\n"
            "No AWS account is used; nothing outside this machine is read or changed."
        )

    def banner_for_changes(self, account_id: str) -> str:
        """Return a notice of the provider for commands that change resources."""
        if self is Provider.AWS:
            return f"Provider: hashicorp/aws, with the real backend, in account {account_id}."
        return self.banner
