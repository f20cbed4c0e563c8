"""How a change of primary is planned, when something goes wrong or AWS is asked."""

import pytest

from iot_dr.delivery.planning import PlanListeners
from iot_dr.delivery.session import RunLimits
from iot_dr.operate.role.planning import RoleRequest, planned_change
from iot_dr.terraform.provider_backend import ProviderMismatchError
from iot_dr.terraform.schedule import Failed
from iot_dr.terraform_json.provider_choice import Provider
from tests.support.settings import settings

NOW, THEN = settings(), settings(primary_region="eu-central-1")
LIMITS = RunLimits(jobs=2, timeout=100)
SILENT = PlanListeners(on_phase=lambda _node, _phase: None, on_outcome=lambda _outcome: None)


def request(provider: Provider, limits: RunLimits = LIMITS) -> RoleRequest:
    return RoleRequest(now=NOW, then=THEN, provider=provider, limits=limits)


def test_with_aws_the_other_primary_is_planned_on_what_is_applied_and_nothing_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = request(Provider.AWS)
    plan = asked.on_applied
    assert (plan.settings, plan.provider, plan.base, plan.keep) == (THEN, Provider.AWS, None, None)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    with pytest.raises(ProviderMismatchError), planned_change(asked, SILENT):
        pass


def test_when_the_environment_as_it_is_does_not_apply_its_failures_are_given() -> None:
    hurried = request(Provider.STANDIN, RunLimits(jobs=2, timeout=0.001))
    with planned_change(hurried, SILENT) as (_, outcomes):
        assert isinstance(outcomes[0], Failed)
        assert "did not end within" in str(outcomes[0].error)
