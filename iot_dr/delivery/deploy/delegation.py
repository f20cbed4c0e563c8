"""Creates the hosted zone before the other stacks, and waits for its delegation."""

import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dns.exception import DNSException

from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import PollLimits
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.terraform import PlanStatus, Terraform
from iot_dr.terraform.workspace import copy_stack

Lookup = Callable[[str], frozenset[str]]
"""Returns the name servers that public DNS shows for a zone; raises DNSException."""


class DelegationError(UserError):
    """Public DNS did not show the zone's name servers in time."""


@dataclass(frozen=True, kw_only=True)
class Delegation:
    """A zone, and the name servers that its parent zone has to name."""

    zone_name: str
    name_servers: frozenset[str]

    def wait(self, lookup: Lookup, patience: PollLimits, show: Callable[[str], None]) -> None:
        """Return once public DNS shows name servers of this zone and no others.

        The first lookup is immediate; `show` gets what is missing whenever that changes. Raises
        DelegationError at the limit; the zone stays, and a later run continues here.
        """
        begin = patience.clock()
        reported = ""
        while missing := self._missing(lookup):
            if not reported:
                show(self._instruction())
            if missing != reported:
                show(f"  {patience.clock() - begin:4.0f} s: {missing}")
            reported = missing
            if patience.clock() - begin + patience.interval > patience.limit:
                raise DelegationError(self._timeout(missing, patience.limit))
            patience.pause(patience.interval)
        show(f"{self.zone_name}: public DNS shows the zone's name servers.")

    def _missing(self, lookup: Lookup) -> str:
        try:
            shown = lookup(self.zone_name)
        except DNSException as error:
            return f"unknown: {error}"
        if not shown:
            return "public DNS shows no name servers for the zone yet"
        # Some of ours are enough to start with; any other server answers for another zone.
        foreign = sorted(shown - self.name_servers)
        return f"public DNS shows other name servers: {', '.join(foreign)}" if foreign else ""

    def _instruction(self) -> str:
        _, _, parent = self.zone_name.partition(".")
        servers = "\n".join(f"    {server}." for server in sorted(self.name_servers))
        return (
            f"Set these name servers (NS) for {self.zone_name} in the zone of {parent}:"
            f"\n{servers}\nWaiting until public DNS shows them. Ctrl-C does no harm; the same"
            " command continues."
        )

    def _timeout(self, missing: str, limit: float) -> str:
        return (
            f"{self.zone_name}: not delegated within {limit:.0f} s ({missing}); the zone exists:"
            f" set its name servers at the parent ({', '.join(sorted(self.name_servers))})"
            " and run the same command again"
        )


_ZONE = "aws_route53_zone.zone"
_TIMEOUT = 900.0


def zone_name_servers(
    stack: Path, work: Path, engine: Engine, variables: Mapping[str, str], log: RunLog
) -> frozenset[str]:
    """Create the zone of the hosted-zone stack if it is missing; return its name servers.

    Only the zone is created: ACM does not issue the certificate before the parent zone delegates to
    it (docs.aws.amazon.com/acm/latest/userguide/dns-validation.html), and Terraform would wait for
    that for `endpoint.certificate_minutes`. `work` is replaced by a copy of the stack. Raises
    TerraformError if a command fails or takes longer than 15 minutes, StackNotFoundError if the
    stack is not synthesized.
    """
    if work.exists():
        shutil.rmtree(work)
    copy_stack(stack, work)
    with closing(engine.commands(variables)) as commands:
        terraform = Terraform(work, commands, _TIMEOUT, log.note)
        terraform.init(backend=True)
        zone = _zone_in(terraform.show())
        if zone is None:
            plan = work / "zone.tfplan"
            if terraform.plan(plan, f"-target={_ZONE}") is PlanStatus.CHANGED:
                terraform.apply(plan)
            zone = _zone_in(terraform.show())
    servers: list[str] = zone["name_servers"] if zone else []
    return frozenset(server.lower().rstrip(".") for server in servers)


def _zone_in(state: Mapping[str, Any]) -> dict[str, Any] | None:
    resources = state.get("values", {}).get("root_module", {}).get("resources", [])
    zones = (each["values"] for each in resources if each["address"] == _ZONE)
    return next(zones, None)
