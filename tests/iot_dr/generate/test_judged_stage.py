"""An app of one's own, which the rules judge at `app.synth()` as `main` does."""

from pathlib import Path

import jsii
import pytest
from cdktf import App, Aspects, IAspect
from cdktf_cdktf_provider_aws.route53_health_check import Route53HealthCheck
from cdktf_cdktf_provider_aws.route53_record import Route53Record
from constructs import Construct, IConstruct

from iot_dr.api import BaseStack, IotPlatformStage, Settings, StackNode
from iot_dr.bindings.engine import PROVIDERS, chosen
from tests.support.command import iot_dr
from tests.support.settings import UNKNOWN_DEVICES, settings


class Probe(BaseStack):
    """A check that AWS IoT never answers, since it wants a client certificate."""

    kind = "probe"

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings)
        https_check(self, settings)


@jsii.implements(IAspect)
class Latecomer:
    """An aspect that takes the check from failover records while the app is synthesized."""

    def visit(self, node: IConstruct) -> None:
        if isinstance(node, Route53Record) and node.health_check_id_input:
            node.reset_health_check_id()


def https_check(stack: BaseStack, settings: Settings) -> None:
    """Add a check of a kind that a rule blocks."""
    provider = stack.provider()
    name = settings.regional_name(settings.primary_region)
    Route53HealthCheck(stack, "probe", provider=provider, type="HTTPS", fqdn=name, port=443)


def findings(app: App) -> str:
    """Return the text with which the app cannot be synthesized; it leaves no manifest."""
    with pytest.raises(RuntimeError) as error:
        app.synth()
    assert not Path(app.outdir, "manifest.json").exists()
    return str(error.value)


@pytest.mark.parametrize("hcl", [False, True])
def test_an_https_check_in_an_own_stack_fails_the_synthesis(hcl: bool, tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path), hcl_output=hcl)
    IotPlatformStage(app, settings(), regional=[], global_=[Probe])
    text = findings(app)
    assert "iot-dev-probe" in text
    assert "block  aws_route53_health_check.probe: " in text
    assert "[https-check-on-iot-name]" in text


def test_so_does_one_that_the_app_adds_to_a_stack_of_the_platform(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    stage = IotPlatformStage(app, settings())
    https_check(stage.stacks["iot-dev-entry-point"], settings())
    assert "[https-check-on-iot-name]" in findings(app)


def test_so_does_what_an_aspect_changes_and_all_environments_are_reported(tmp_path: Path) -> None:
    app = App(outdir=str(tmp_path))
    for environment in ("dev", "prod"):
        stage = IotPlatformStage(app, settings(environment=environment))
        Aspects.of(stage.stacks[f"iot-{environment}-entry-point"]).add(Latecomer())
    text = findings(app)
    for environment in ("dev", "prod"):
        assert f"iot-{environment}-entry-point" in text


def test_a_sound_app_of_two_environments_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    app = App(outdir=str(tmp_path))
    IotPlatformStage(app, settings(suppressions=[UNKNOWN_DEVICES]))
    suppressions = [{"rule": "https-check-on-iot-name", "reason": "a rehearsal"}, UNKNOWN_DEVICES]
    IotPlatformStage(app, settings(environment="prod", suppressions=suppressions), global_=[Probe])
    app.synth()
    assert (tmp_path / "manifest.json").exists()
    assert "suppressed in prod: 1 error of https-check-on-iot-name" in capsys.readouterr().err


@pytest.mark.exhaustive
def test_the_other_engine_refuses_it_too() -> None:
    (other,) = PROVIDERS.keys() - {chosen()}
    name = f"{__name__}.test_so_does_one_that_the_app_adds_to_a_stack_of_the_platform"
    path = f"{__file__}::{name.rpartition('.')[2]}"
    done = iot_dr("-q", "-p", "no:cacheprovider", path, program="pytest", ENGINE=other)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
