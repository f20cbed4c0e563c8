"""Which AWS provider Terraform runs with."""

from collections.abc import Mapping
from enum import Enum
from typing import Final

from iot_dr.common.user_error import UsageError

PROVIDER: Final = "PROVIDER"
"""The environment variable that names the provider."""

_FREE_TO_TRY = "dev"


class ProviderError(UsageError):
    """No provider was named where one must be, or one that there is not."""


class Provider(Enum):
    """The real AWS provider, or the stand-in that needs no account and no network."""

    STANDIN = "standin"
    AWS = "aws"

    @classmethod
    def select(
        cls, named: str | None, environment: str, variables: Mapping[str, str]
    ) -> "Provider":
        """Give the provider that is named by an option or by `PROVIDER`; dev has the stand-in.

        Raises:
            ProviderError: for a name that is none, or none named for another environment.
        """
        name = named or variables.get(PROVIDER)
        allowed = " or ".join(f"{PROVIDER}={provider.value}" for provider in cls)
        if not name and environment != _FREE_TO_TRY:
            message = f"{environment}: name the provider to run with: {allowed}"
            raise ProviderError(message)
        try:
            return cls(name or cls.STANDIN.value)
        except ValueError:
            message = f"{PROVIDER}: {name!r} is no provider; allowed: {allowed}"
            raise ProviderError(message) from None

    @property
    def display_name(self) -> str:
        """Name the provider in a sentence."""
        return "aws" if self is Provider.AWS else "stand-in"

    @property
    def banner(self) -> str:
        """Say which provider stands behind what is printed."""
        if self is Provider.AWS:
            return "Provider: hashicorp/aws, on the real backend; nothing is applied."
        return (
            "Provider: STAND-IN for hashicorp/aws. Terraform is real; ids, ARNs and addresses are"
            " made up,\nno account is asked and nothing outside this machine is read or changed."
        )

    def banner_for_changes(self, account_id: str) -> str:
        """Say which provider stands behind a command that changes what stands."""
        if self is Provider.AWS:
            return f"Provider: hashicorp/aws, on the real backend, in account {account_id}."
        return self.banner
