"""Runs an environment's stacks with an official provider, and keeps what they ask of AWS."""

import json
import os
import shutil
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from environments.settings import Settings
from iot_dr.synthesis import synthesize
from iot_dr.terraform.diagnostic import TerraformError
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.session import Limits, Session, aws_session
from iot_dr.terraform.workspace import STACK_FILE
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph
from tests.conformance.calls_answers import Answers
from tests.conformance.calls_tables import Replicas
from tests.conformance.official import OfficialProvider
from tests.conformance.relaxing import relax
from tests.support.aws_account import account
from tests.support.aws_faults import Faults, Request, faults_before

_LIMITS = Limits(jobs=1, timeout=300)
# Terraform shows the whole configuration with an error: it is one line.
_TOLD = 500
_SERVICES = (
    *("ACM", "APIGATEWAYV2", "CLOUDTRAIL", "CLOUDWATCH", "CLOUDWATCH_LOGS", "CODEBUILD"),
    *("CODEPIPELINE", "CODESTAR_NOTIFICATIONS", "DYNAMODB", "EVENTBRIDGE", "IAM", "IOT"),
    *("KINESIS", "KMS", "LAMBDA", "ROUTE_53", "SNS", "SQS"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A request of a stack, while it was planned or applied."""

    stack: str
    phase: str
    request: Request


@dataclass(frozen=True)
class Recorder:
    """An account and a sandbox, and what came to both of them since the last look."""

    settings: Settings
    provider: OfficialProvider
    folder: Path
    relays: tuple[Faults, ...]

    def run(
        self, name: str, settings: Settings, nodes: Iterable[StackNode], *, empty: bool = False
    ) -> Iterator[Kept | str]:
        """Plan and apply some stacks, emptied of all that they hold if so asked; tells failures."""
        folder = self.folder / name
        synthesize([settings], folder / "out")
        stacks = folder / "stacks"
        shutil.copytree(folder / "out" / "stacks", stacks)
        for file in stacks.glob(f"*/{STACK_FILE}"):
            _relax(file, self.provider.version, empty=empty)
        with aws_session(stacks, folder / "work", self.folder / "plugins", _LIMITS) as session:
            for node in nodes:
                yield from self._through(session, node.name)

    def _through(self, session: Session, stack: str) -> Iterator[Kept | str]:
        try:
            with session.initialized(stack) as terraform:
                file = terraform.folder / "recorded.tfplan"
                terraform.plan(file)
                yield from self._seen(stack, "plan")
                terraform.apply(file)
        except TerraformError as error:
            said = [each for each in str(error).split("\n\n") if not each.startswith("Warning")]
            yield f"{stack}: {' '.join(said)[:_TOLD]}"
        yield from self._seen(stack, "apply")

    def _seen(self, stack: str, phase: str) -> Iterator[Kept]:
        for relay in self.relays:
            for request in relay.seen:
                yield Kept(stack, phase, request)
            relay.seen.clear()


@contextmanager
def recorder(settings: Settings, provider: OfficialProvider, folder: Path) -> Generator[Recorder]:
    """Give a recorder before an empty account with the buckets that states need."""
    configuration = folder / "terraform.rc"
    configuration.write_text(provider.configuration, encoding="utf-8")
    with (
        account(settings.account_id) as endpoint,
        faults_before(endpoint) as cloud,
        Sandbox(folder / "sandbox", settings.account_id) as sandbox,
        faults_before(sandbox.endpoint) as s3,
    ):
        sandbox.create_buckets(settings.state_buckets)
        cloud.answers += [Replicas(endpoint), Answers(settings.account_id)]
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **{name: value for name, value in sandbox.environment.items() if value},
            "AWS_ENDPOINT_URL": s3.endpoint,
            **{f"AWS_ENDPOINT_URL_{service}": cloud.endpoint for service in _SERVICES},
            "TF_AWS_S3_ENDPOINT": cloud.endpoint,
            "TF_CLI_CONFIG_FILE": str(configuration),
        }
        with patch.dict(os.environ, variables, clear=True):
            yield Recorder(settings, provider, folder, (s3, cloud))


def in_order(settings: Settings) -> list[StackNode]:
    """Give the stacks in the order of their waves."""
    return [node for wave in platform_graph(settings).waves for node in wave]


def _relax(file: Path, version: str, *, empty: bool) -> None:
    document = relax(file, version)
    for section in ("resource", "data", "output") if empty else ():
        document.pop(section, None)
    file.write_text(json.dumps(document), encoding="utf-8")
