"""Who manages a found account's resources until their adoption: docs/how-to/adopt.md, step 3."""

import json
import os
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from iot_dr.common.terraform_binary import BINARY_VARIABLE
from iot_dr.delivery.deploy.launcher import launcher
from iot_dr.terraform.engine import Engine
from iot_dr.terraform.environment import terraform_environment
from iot_dr.terraform.standin.existing import EXISTING_VARIABLE
from iot_dr.terraform.variables import offline_variables
from tests.scenarios.support.account_kinds import CLOUDFORMATION, MODULES, NAME, WEST
from tests.scenarios.support.adoption import Adoption
from tests.scenarios.support.found_account import FoundAccount

_DOMAIN: Final = "aws_iot_domain_configuration"
_POLICY: Final = "aws_iot_policy"
_RECORD: Final = "aws_route53_record"


@dataclass
class CloudFormationStack:
    """A stack with the record, the domain configuration and the policy of a found account.

    An update deletes what its template lacks, unless the template before had `Retain`:
    docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html.
    """

    account: FoundAccount
    template: dict[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, account: FoundAccount) -> "CloudFormationStack":
        """Return the stack that has made an account; its template names no deletion policy."""
        return cls(account, dict.fromkeys(("Domain", "Policy", "Record"), "Delete"))

    def update(self, template: Mapping[str, str]) -> None:
        """Update the stack to a template, which is deletion policies by logical id."""
        for name in self.template.keys() - template.keys():
            if self.template[name] != "Retain":
                self._delete[name]()
        self.template = dict(template)

    def release(self, *names: str) -> None:
        """Remove resources from the stack as the page says."""
        self.update({**self.template, **dict.fromkeys(names, "Retain")})
        self.update({name: each for name, each in self.template.items() if name not in names})

    @property
    def _delete(self) -> Mapping[str, Callable[[], object]]:
        account, kind = self.account, self.account.kind
        iot, old = account.client("iot"), account.zone()[NAME, "CNAME", ""]
        return {
            "Domain": lambda: iot.delete_domain_configuration(
                domainConfigurationName=kind.domain_configuration
            ),
            "Policy": lambda: iot.delete_policy(policyName=kind.policy),
            "Record": lambda: account.change(("DELETE", old)),
        }


@dataclass(frozen=True)
class OtherTerraform:
    """A Terraform configuration, with a state of its own, that manages resources of an account.

    Its state has the same ids as the account, since Terraform has imported them.
    """

    folder: Path
    environment: Mapping[str, str]
    program: Path
    document: dict[str, Any]

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run Terraform to its end."""
        return subprocess.run(
            [self.program, *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            capture_output=True,
            text=True,
            check=False,
        )

    def ran(self, *arguments: str) -> str:
        """Run Terraform, which must succeed; return its output."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def has(self) -> list[str]:
        """Return the addresses in the state; fail unless a plan is empty."""
        planned = self.run("plan", "-detailed-exitcode", "-no-color")
        assert planned.returncode == 0, planned.stdout + planned.stderr
        return self.ran("state", "list").splitlines()

    def write(self, **changed: object) -> None:
        """Write the configuration with some of its blocks replaced."""
        content = {**self.document, **changed}
        (self.folder / "main.tf.json").write_text(json.dumps(content), encoding="utf-8")

    def release_by_removed_blocks(self) -> None:
        """Let Terraform forget the domain configuration and the policy, and keep them."""
        kept = {_RECORD: self.document["resource"][_RECORD]}
        removed = [
            {"from": f"{type_}.fleet", "lifecycle": {"destroy": False}}
            for type_ in (_DOMAIN, _POLICY)
        ]
        self.write(resource=kept, removed=removed, **{"import": []})
        printed = self.ran("apply", "-auto-approve", "-no-color")
        assert "0 added, 0 changed, 0 destroyed" in printed, printed
        self.write(resource=kept, **{"import": []})

    def release_record_by_state_rm(self) -> None:
        """Remove the old record from the state, and then from the configuration."""
        address = f"{_RECORD}.device"
        self.ran("state", "rm", address)
        records = self.document["resource"][_RECORD]
        others = {name: each for name, each in records.items() if name != "device"}
        self.write(resource={_RECORD: others}, **{"import": []})


@contextmanager
def other_terraform(adopted: Adoption, folder: Path) -> Generator[OtherTerraform]:
    """The working folder of another Terraform, whose state has an account's resources."""
    folder.mkdir()
    adopted.run("iot-dr synth --env dev --out cdktf.out")
    stack = adopted.project.folder / "cdktf.out/stacks/iot-dev-entry-point/cdk.tf.json"
    providers = json.loads(stack.read_bytes())["terraform"]["required_providers"]
    resources: dict[str, dict[str, Any]] = {_DOMAIN: {}, _POLICY: {}, _RECORD: {}}
    imports: list[dict[str, str]] = []
    for type_, named in resources.items():
        for number, (id_, arguments) in enumerate(adopted.account.arguments()[type_].items()):
            if arguments.get("type") in {"NS", "SOA"}:
                continue
            other = "fleet" if type_ != _RECORD else f"other_{number}"
            name = "device" if f"_{NAME}_" in id_ else other
            named[name] = _given(arguments)
            imports.append({"to": f"{type_}.{name}", "id": id_})
    content = {
        "terraform": {"required_providers": providers},
        "provider": {"aws": {"region": WEST}},
        "resource": resources,
        "import": imports,
    }
    with (
        pytest.MonkeyPatch.context() as patch,
        _standin(patch, adopted.file) as led,
        launcher(Engine.chosen(os.environ)) as terraform,
    ):
        environment = {**terraform_environment(led), BINARY_VARIABLE: str(terraform.program)}
        made = OtherTerraform(folder, environment, terraform.program, content)
        made.write()
        made.ran("init", "-no-color")
        printed = made.ran("apply", "-auto-approve", "-no-color")
        assert f"{len(imports)} imported, 0 added, 0 changed, 0 destroyed" in printed, printed
        yield made


def _standin(patch: pytest.MonkeyPatch, file: Path) -> AbstractContextManager[dict[str, str]]:
    """Return the stand-in that imports what a file describes."""
    patch.setenv(EXISTING_VARIABLE, str(file))
    return offline_variables()


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments that a configuration has."""
    chosen = {
        key: value
        for key, value in arguments.items()
        if value is not None and key != "default_version_id"
    }
    if policy := chosen.get("policy"):
        chosen["policy"] = policy.replace("${", "$${")
    return chosen


class Owner:
    """A person, who has nothing to release."""

    def release_platform(self) -> None:
        """Release the domain configuration and the policy."""

    def release_record(self) -> None:
        """Release the old record."""

    def is_unchanged(self) -> bool:
        """Whether it would change nothing."""
        return True


class StackOwner(Owner):
    """A CloudFormation stack."""

    def __init__(self, stack: CloudFormationStack) -> None:
        self._stack = stack

    def release_platform(self) -> None:
        self._stack.release("Domain", "Policy")

    def release_record(self) -> None:
        self._stack.release("Record")

    def is_unchanged(self) -> bool:
        return self._stack.template == {}


class TerraformOwner(Owner):
    """Another Terraform state, which keeps the other records of the zone."""

    def __init__(self, terraform: OtherTerraform) -> None:
        self._terraform = terraform
        records = {each for each in terraform.has() if each.startswith(f"{_RECORD}.")}
        self._others = records - {f"{_RECORD}.device"}

    def release_platform(self) -> None:
        self._terraform.release_by_removed_blocks()
        assert {*self._terraform.has()} == {*self._others, f"{_RECORD}.device"}

    def release_record(self) -> None:
        self._terraform.release_record_by_state_rm()
        assert {*self._terraform.has()} == self._others

    def is_unchanged(self) -> bool:
        return {*self._terraform.has()} == self._others


@contextmanager
def former_owner(adopted: Adoption, folder: Path) -> Generator[Owner]:
    """Return who has made an account."""
    kind = adopted.account.kind
    if kind is MODULES:
        with other_terraform(adopted, folder) as terraform:
            yield TerraformOwner(terraform)
    else:
        is_stack = kind is CLOUDFORMATION
        yield StackOwner(CloudFormationStack.of(adopted.account)) if is_stack else Owner()
