"""The hosted zone by itself, ahead of all that waits for its delegation."""

import shutil
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from iot_dr.terraform.engine import Engine
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.terraform import PlanStatus, Terraform
from iot_dr.terraform.workspace import copy_stack

_ZONE = "aws_route53_zone.zone"
_TIMEOUT = 900.0


def zone_name_servers(
    stack: Path, work: Path, engine: Engine, variables: Mapping[str, str], log: RunLog
) -> frozenset[str]:
    """Make the zone of the hosted-zone stack unless it stands; give its name servers.

    Nothing else of the stack is made: its certificate is not issued before the parent zone leads
    here, and Terraform would wait for that for `endpoint.certificate_minutes`. `work` is replaced
    by a copy of the stack. Raises TerraformError when Terraform fails or takes longer than 15
    minutes.
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
    found = (each["values"] for each in resources if each["address"] == _ZONE)
    return next(found, None)
