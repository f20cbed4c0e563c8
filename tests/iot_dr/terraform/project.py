"""A small stack in the shape that cdktf writes, and real Terraform to run on it."""

import json
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from iot_dr.terraform.engine import Engine
from iot_dr.terraform.terraform import PlanStatus, Terraform

IRELAND, FRANKFURT = "aws.eu_west_1", "aws.eu_central_1"


class Project:
    """A folder with a `cdk.tf.json` of two aliased providers, and Terraform bound to it."""

    def __init__(
        self, folder: Path, version: str, settings: Mapping[str, str], engine: Engine
    ) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.settings = settings
        commands = engine.commands(settings)
        self.close = weakref.finalize(self, commands.close)
        self.terraform = Terraform(folder, commands)
        self._version = version

    def write(
        self,
        resources: Mapping[str, Any],
        *,
        data: Mapping[str, Any] | None = None,
        outputs: Mapping[str, str] | None = None,
        account: str = "111111111111",
    ) -> None:
        """Write the stack; a resource without a provider goes to Ireland."""
        aws = {"source": "aws", "version": self._version}
        common = {
            "allowed_account_ids": [account],
            "default_tags": [{"tags": {"project": "example"}}],
        }
        document = {
            "terraform": {"required_providers": {"aws": aws}},
            "provider": {
                "aws": [
                    {"alias": "eu_west_1", "region": "eu-west-1", **common},
                    {"alias": "eu_central_1", "region": "eu-central-1", **common},
                ]
            },
            "resource": _placed(resources),
            "data": _placed(data or {}),
            "output": {name: {"value": value} for name, value in (outputs or {}).items()},
        }
        # Terraform refuses sections that are empty.
        written = {section: content for section, content in document.items() if content}
        (self.folder / "cdk.tf.json").write_text(json.dumps(written, indent=2))

    def errors(self) -> str:
        """Return all that `validate` says."""
        self.terraform.init(backend=False)
        return "\n\n".join(map(str, self.terraform.validate()))

    def plan(self) -> dict[str, Any]:
        """Plan, and give the change of each resource by its address."""
        self.terraform.init(backend=True)
        self.terraform.plan(self._plan_file)
        shown = self.terraform.show(self._plan_file)
        return {entry["address"]: entry["change"] for entry in shown.get("resource_changes", [])}

    def apply(self) -> dict[str, Any]:
        """Plan and apply, and give the attributes of each resource by its address."""
        self.plan()
        self.terraform.apply(self._plan_file)
        return {
            f"{entry['type']}.{entry['name']}": entry["instances"][0]["attributes"]
            for entry in self.state()["resources"]
        }

    def plans_nothing(self) -> bool:
        """Whether another plan is empty."""
        return self.terraform.plan(self._plan_file) is PlanStatus.UNCHANGED

    def state(self) -> dict[str, Any]:
        """Return the state file's content."""
        return json.loads(self.state_file.read_text())

    @property
    def state_file(self) -> Path:
        """The local state, which a stack without a backend keeps in its folder."""
        return self.folder / "terraform.tfstate"

    @property
    def _plan_file(self) -> Path:
        return self.folder / "planned.tfplan"


def _placed(blocks: Mapping[str, Any]) -> dict[str, Any]:
    return {
        kind: {name: {"provider": IRELAND, **body} for name, body in named.items()}
        for kind, named in blocks.items()
    }
