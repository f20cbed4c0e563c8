"""What a deploy has to itself."""

from pathlib import Path

import pytest

from iot_dr.cli.progress import Progress
from iot_dr.common.user_error import UserError
from iot_dr.common.waiting import Patience
from iot_dr.delivery.deploy.deployment import Deployment
from iot_dr.delivery.deploy.folder import DeployFolderError, deploy_folder
from iot_dr.delivery.sandboxing import sandbox_folder
from iot_dr.observe.status.network import Network
from iot_dr.terraform.run_log import RunLog
from iot_dr.terraform.sandbox.sandbox import SandboxError
from iot_dr.terraform.sandbox.sole_run import sole_run
from iot_dr.terraform_json.provider_choice import Provider
from tests.support.settings import settings


@pytest.mark.parametrize(
    ("provider", "refusal"),
    [(Provider.AWS, DeployFolderError), (Provider.STANDIN, SandboxError)],
)
def test_a_run_on_the_sandbox_keeps_a_deploy_in_it_out_and_none_on_aws(
    provider: Provider, refusal: type[UserError], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    deployment = Deployment(
        settings=settings(),
        provider=provider,
        network=Network(resolvers=()),
        lookup=lambda _zone: frozenset(),
        patience=Patience(limit=0),
        tell=pytest.fail,
        log=RunLog(Path("deploy.log")),
        progress=Progress(()),
    )
    # Another deploy ends both, but comes second.
    with sole_run(sandbox_folder("dev")), deploy_folder("dev"), pytest.raises(refusal):
        deployment.deploy()
