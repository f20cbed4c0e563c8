"""An operator who adopts a found account: the commands, and what they change in the account."""

import json
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml

from iot_dr.drill.play.account import variables
from iot_dr.drill.play.faults import faults_before
from iot_dr.observe.status.network import NETWORK, Network
from iot_dr.operate.registry.names import RegistryNames
from iot_dr.terraform.standin.existing import EXISTING_VARIABLE
from tests.scenarios.support.account_kinds import (
    ACCOUNT,
    CENTRAL,
    NAME,
    REGIONS,
    WEST,
    ZONE,
    Kind,
)
from tests.scenarios.support.found_account import FoundAccount, moto_lacks
from tests.scenarios.support.loopback_regions import regions_on_loopback
from tests.scenarios.support.resolver_caches import ResolverCaches
from tests.scenarios.support.terraform_changes import (
    Change,
    Replay,
    States,
    changes,
    keep_states,
    states,
)
from tests.support.applied_world import AppliedWorld
from tests.support.aws_account import account
from tests.support.json_output import result_of
from tests.support.project import Project
from tests.support.registry_table import create_registry_table
from tests.support.settings import document
from tests.support.within import within

TTL: Final = 10
"""`endpoint.ttl`; the shortest times, for a quick drill."""


@dataclass
class Adoption:
    """A project whose `dev` adopts an account; the stand-in and moto have the same resources."""

    project: Project
    account: FoundAccount
    network: Network
    caches: ResolverCaches = field(default_factory=lambda: ResolverCaches(NAME, ZONE))
    made: list[Change] = field(default_factory=list[Change])
    _states: States = field(default_factory=dict[tuple[str, str], Mapping[str, Any]])

    @property
    def file(self) -> Path:
        """The file that describes the account for the stand-in."""
        return self.project.folder / "account.json"

    def observe(self, change: str) -> None:
        """Check what resolvers may have after a change of the account, and describe it again."""
        self.caches.observe(change, self.account.zone().values(), self.account.serving())
        self.file.write_text(json.dumps(self.account.arguments()), encoding="utf-8")

    def settings(self, *, cut_over: bool) -> None:
        """Write the settings, with the values that the calls of docs/how-to/adopt.md return."""
        route53, iot = self.account.route53, self.account.client("iot")
        zones = route53.list_hosted_zones_by_name(DNSName=ZONE)["HostedZones"]
        domains = self.account.domain_configurations(WEST)
        (domain,) = (each for each in domains if each["domainName"] == NAME)
        policies = [each["policyName"] for each in iot.list_policies()["policies"]]
        (policy,) = (
            name for name in policies if iot.list_targets_for_policy(policyName=name)["targets"]
        )
        environments = self.project.folder / "environments"
        (environments / "fleet-policy.json").write_text(
            iot.get_policy(policyName=policy)["policyDocument"], encoding="utf-8"
        )
        content = document(
            regions=list(REGIONS),
            primary_region=WEST,
            zone={"id": zones[0]["Id"].rpartition("/")[2], "name": ZONE},
            endpoint={"label": "mqtt", "ttl": TTL},
            existing={
                "region": WEST,
                "domain_configuration": domain["domainConfigurationName"],
                "certificate_arn": domain["serverCertificates"][0]["serverCertificateArn"],
                "device_policy": {"name": policy, "document": "environments/fleet-policy.json"},
                "validation_record": self.account.kind.certificate == "wildcard",
                "cut_over": cut_over,
            },
            health={"mode": "shallow", "interval": 10, "threshold": 2},
            recovery={"rto": 100, "fleet": 15, "backoff_ceiling": 10},
            data={},
        )
        (environments / "dev.yaml").unlink(missing_ok=True)
        (environments / "dev.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")

    def run(self, command: str) -> str:
        """Run a command on this machine, which must succeed; return its standard output."""
        return self.project.here(command, **{EXISTING_VARIABLE: str(self.file)})

    def adopt(self, command: str) -> subprocess.CompletedProcess[str]:
        """Run `iot-dr adopt` with credentials of the account, and check the answers after it."""
        before, seen = self.account.zone(), self.account.faults.seen
        seen.clear()
        line = f"iot-dr adopt {command} --env dev --yes"
        with within(NETWORK, self.network):
            done = self.project.try_here(line, **variables(self.account.faults.endpoint))
        batches = [each for each in seen if each.method == "POST" and "rrset" in each.path]
        # So there is no moment between `before` and now.
        assert len(batches) == (0 if self.account.zone() == before else 1)
        self.observe(f"adopt {command}")
        return done

    def up(self) -> Mapping[str, list[str]]:
        """Apply all stacks, here and in the account; return the changes by stack.

        Fails if a second plan has changes.
        """
        report = result_of(self.run("iot-dr sandbox up --env dev --jobs 1 --json"))
        left = [stack["changes"] for stack in report["second_plan"]["stacks"]]
        assert left == [[]] * len(left)
        self.replay((self.project.sandbox / "up.log").read_text(encoding="utf-8"))
        return {
            stack["name"]: [f"{each['action']} {each['address']}" for each in stack["changes"]]
            for stack in report["applied"]["stacks"]
        }

    def seed(self) -> None:
        """Copy the fleet to the other region, as the functions of the deployed stacks would."""
        table = RegistryNames.of(self.project.settings).table
        for region in REGIONS:
            create_registry_table(self.account.client("dynamodb", region), table)
        line = f"iot-dr registry seed --from {WEST} --to {CENTRAL} --env dev --yes"
        self.project.here(line, **variables(self.account.faults.endpoint))

    def replay(self, log: str) -> None:
        """Make in the account what runs of Terraform have changed, and check after each change."""
        replay, before = Replay(self.account), self._states
        self._states = states(self.project.sandbox)
        for change in changes(log, before, self._states):
            replay(change)
            self.made.append(change)
            self.observe(str(change))
        keep_states(self.project.sandbox, self.account)
        if checks := self.outputs().get("health_check_ids"):
            own, account = self.project.settings, self.account
            world = AppliedWorld(own, account.faults.endpoint, account.zone_id, checks)
            # All regions are healthy.
            account.faults.answers[:] = [moto_lacks, world.answer]

    def outputs(self) -> dict[str, Any]:
        """Return the outputs of the entry point."""
        (file,) = self.project.sandbox.rglob("iot-dev-entry-point.tfstate")
        named = json.loads(file.read_bytes())["outputs"]
        return {name: each["value"] for name, each in named.items()}

    def send(self, name: str) -> None:
        """Apply a batch of the folder `adopt-dev`, as the AWS CLI does with `file://`."""
        content = json.loads((self.project.folder / "adopt-dev" / name).read_bytes())
        self.account.route53.change_resource_record_sets(
            HostedZoneId=self.account.zone_id, ChangeBatch=content
        )
        self.observe(name)

    def wait(self, seconds: float) -> None:
        """Let time pass for resolvers, and for the note of `adopt lower-ttl`."""
        self.caches.wait(seconds)
        file = self.project.folder / "adopt-dev" / "ttl-lowered.json"
        note = json.loads(file.read_bytes())
        at = datetime.fromisoformat(note["at"]) - timedelta(seconds=seconds)
        file.write_text(json.dumps({**note, "at": at.isoformat()}), encoding="utf-8")


@contextmanager
def adoption(kind: Kind, folder: Path) -> Generator[Adoption]:
    """Create an account of a kind, and a project with the settings that adopt it."""
    with account(ACCOUNT) as moto, faults_before(moto) as faults:
        faults.answers.append(moto_lacks)
        before = FoundAccount(kind, faults)
        before.create(folder / "authority")
        for region in REGIONS:
            before.client("s3", region).create_bucket(
                Bucket=f"example-iot-dev-{region}",
                CreateBucketConfiguration={"LocationConstraint": region},
            )
        with regions_on_loopback(before, folder / "regions") as network:
            made = Adoption(Project.copy(folder / "project"), before, network)
            made.settings(cut_over=False)
            made.observe("the account as found")
            yield made
