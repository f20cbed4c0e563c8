"""An environment's stacks validated, planned and applied with one provider."""

import json
import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from environments.settings import Settings
from iot_dr.cli.failure import failures
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.schedule import Done
from iot_dr.terraform.session import Limits, Session, aws_session, standin_session
from iot_dr.terraform.stack_plan import Walk
from iot_dr.terraform.workspace import STACK_FILE
from stacks.platform_graph import platform_graph
from tests.conformance.calls_answers import Answers
from tests.conformance.calls_tables import Replicas
from tests.conformance.official import OfficialProvider
from tests.conformance.relaxing import relax
from tests.support.aws_account import account
from tests.support.aws_faults import faults_before

LIMITS: Final = Limits(jobs=2, timeout=300)

# The S3 backend's own requests go elsewhere: the buckets that it needs are made by a stack.
_ENDPOINTS = (
    *("AWS_ENDPOINT_URL_ACM", "AWS_ENDPOINT_URL_APIGATEWAYV2", "AWS_ENDPOINT_URL_CLOUDTRAIL"),
    *("AWS_ENDPOINT_URL_CLOUDWATCH", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"),
    *("AWS_ENDPOINT_URL_DYNAMODB", "AWS_ENDPOINT_URL_EVENTBRIDGE", "AWS_ENDPOINT_URL_IAM"),
    *("AWS_ENDPOINT_URL_IOT", "AWS_ENDPOINT_URL_KINESIS", "AWS_ENDPOINT_URL_KMS"),
    *("AWS_ENDPOINT_URL_LAMBDA", "AWS_ENDPOINT_URL_ROUTE_53", "AWS_ENDPOINT_URL_SNS"),
    *("AWS_ENDPOINT_URL_SQS", "TF_AWS_S3_ENDPOINT"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """What a provider made of the stacks: their plans by name, and what failed, as told."""

    plans: dict[str, dict[str, Any]]
    failures: list[str]


def official_trial(
    settings: Settings, stacks: Path, folder: Path, provider: OfficialProvider
) -> Trial:
    """Run the stacks with an official provider, against moto; the pin is relaxed in a copy."""
    relaxed = folder / "relaxed"
    shutil.copytree(stacks, relaxed)
    for file in relaxed.glob(f"*/{STACK_FILE}"):
        file.write_text(json.dumps(relax(file, provider.version)), encoding="utf-8")
    with (
        _made_up_cloud(settings, folder, provider),
        aws_session(relaxed, folder / "work", folder / "plugins", LIMITS) as session,
    ):
        return _through(settings, session)


def standin_trial(settings: Settings, stacks: Path, folder: Path) -> Trial:
    """Run the stacks with the stand-in."""
    with standin_session(settings, stacks, folder / "sandbox", folder / "work", LIMITS) as session:
        return _through(settings, session)


@contextmanager
def relay_to(moto: str, account_id: str) -> Generator[str]:
    """Stand before moto, and make good what it does not know."""
    with faults_before(moto) as cloud:
        cloud.answers += [Replicas(moto), Answers(account_id)]
        yield cloud.endpoint


@contextmanager
def _made_up_cloud(settings: Settings, folder: Path, provider: OfficialProvider) -> Generator[None]:
    configuration = folder / "terraform.rc"
    configuration.write_text(provider.configuration, encoding="utf-8")
    with (
        account(settings.account_id) as moto,
        relay_to(moto, settings.account_id) as endpoint,
        Sandbox(folder / "sandbox", settings.account_id) as sandbox,
    ):
        sandbox.create_buckets({each: settings.state_bucket(each) for each in settings.regions})
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **{name: value for name, value in sandbox.environment.items() if value},
            **dict.fromkeys(_ENDPOINTS, endpoint),
            "TF_CLI_CONFIG_FILE": str(configuration),
        }
        with patch.dict(os.environ, variables, clear=True):
            yield


def _through(settings: Settings, session: Session) -> Trial:
    graph = platform_graph(settings)
    walk = Walk(
        session=session,
        graph=graph,
        jobs=LIMITS.jobs,
        on_phase=lambda _node, _phase: None,
        on_outcome=lambda _outcome: None,
    )
    invalid = [
        told
        for node in graph.nodes
        for told in _errors(replace(session, work=session.work / "validate"), node.name)
    ]
    outcomes = walk.plan(apply=True)
    plans = {
        outcome.node.name: outcome.result.document
        for outcome in outcomes
        if isinstance(outcome, Done)
    }
    return Trial(plans, [*invalid, *failures(session, outcomes)])


def _errors(session: Session, stack: str) -> Iterator[str]:
    with session.initialized(stack, backend=False) as terraform:
        for diagnostic in terraform.validate():
            if diagnostic.severity == "error":
                yield f"{stack}\n{diagnostic}"
