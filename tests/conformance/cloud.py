"""An official provider with a made-up account on this machine."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest.mock import patch

from environments.settings import Settings
from iot_dr.drill.play.faults import Faults, faults_before
from iot_dr.terraform.sandbox.sandbox import Sandbox
from tests.conformance.calls_answers import Answers
from tests.conformance.calls_iot import IotAnswers
from tests.conformance.calls_tables import Replicas
from tests.conformance.official import OfficialProvider
from tests.support.aws_account import account

# The S3 backend's own requests go elsewhere: a stack creates its buckets.
_SERVICES: Final = (
    *("ACM", "APIGATEWAYV2", "CLOUDTRAIL", "CLOUDWATCH", "CLOUDWATCH_LOGS", "CODEBUILD"),
    *("CODEPIPELINE", "DYNAMODB", "EVENTBRIDGE", "IAM", "IOT", "KINESIS", "KMS", "LAMBDA"),
    *("ROUTE_53", "SNS", "SQS"),
)


@contextmanager
def made_up_cloud(
    settings: Settings, folder: Path, provider: OfficialProvider
) -> Generator[tuple[Faults, Faults]]:
    """Provide Terraform with an empty account with the state buckets.

    Yields the requests of the backend to S3, and those to the account.
    """
    configuration = folder / "terraform.rc"
    configuration.write_text(provider.configuration, encoding="utf-8")
    with (
        account(settings.account_id) as moto,
        faults_before(moto) as cloud,
        Sandbox(folder / "sandbox", settings.account_id) as sandbox,
        faults_before(sandbox.endpoint) as s3,
    ):
        sandbox.create_buckets(settings.state_buckets)
        known = Answers(settings.account_id), IotAnswers(settings.account_id)
        cloud.answers += [Replicas(moto), *known]
        variables = {
            **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
            **{name: value for name, value in sandbox.environment.items() if value},
            "AWS_ENDPOINT_URL": s3.endpoint,
            **{f"AWS_ENDPOINT_URL_{service}": cloud.endpoint for service in _SERVICES},
            "TF_AWS_S3_ENDPOINT": cloud.endpoint,
            "TF_CLI_CONFIG_FILE": str(configuration),
        }
        with patch.dict(os.environ, variables, clear=True):
            yield s3, cloud
