"""Sessions and stores for work on states, and the preparation of a bootstrap."""

import os
import tempfile
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from environments.settings import Settings
from iot_dr.delivery.sandbox_run import sandbox_folder
from iot_dr.delivery.session import RunLimits, Session, aws_session, standin_session
from iot_dr.delivery.state.bootstrap import Bootstrap
from iot_dr.delivery.state.guard import refuse_promoted
from iot_dr.delivery.state.open_store import sandbox_store
from iot_dr.observe.state.store import Store
from iot_dr.terraform.plugins import plugin_cache
from iot_dr.terraform.provider_backend import refuse_sandbox
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform_json.provider_choice import Provider
from modules.stack_names import stack_name


@contextmanager
def prepare_bootstrap(
    settings: Settings, provider: Provider, timeout: float
) -> Generator[tuple[Bootstrap, Session]]:
    """Synthesize, and yield the bootstrap and its session; `timeout` is seconds per command.

    Raises PromotedError or NotPromotedError if the state has another owner than the settings say,
    and what `prepare_states` raises.
    """
    is_real = provider is Provider.AWS
    with prepare_states(settings, provider, timeout) as (session, store):
        sandbox = sandbox_folder(settings.environment)
        folder = _lasting_folder(settings) if is_real else sandbox / "bootstrap"
        refuse_promoted(session.stacks, stack_name(settings.environment, "state"), session.fetch)
        bootstrap = Bootstrap(
            settings=settings, store=store, folder=folder, buckets_are_real=is_real
        )
        yield bootstrap, session


@contextmanager
def prepare_states(
    settings: Settings, provider: Provider, timeout: float
) -> Generator[tuple[Session, Store]]:
    """Synthesize, and yield a session and the store of the states.

    Raises ProviderMismatchError if provider and backend do not go together, SandboxError or
    EngineError if what a run needs does not start.
    """
    limits = RunLimits(jobs=1, timeout=timeout)
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="iot-dr-state-")))
        RUNTIME.get().synthesize([settings], scratch / "out")
        stacks, work = scratch / "out" / "stacks", scratch / "work"
        if provider is Provider.AWS:
            refuse_sandbox(os.environ)
            session = stack.enter_context(aws_session(stacks, work, plugin_cache(), limits))
            yield session, Store(settings.deploy_role_arn)
            return
        sandbox = sandbox_folder(settings.environment)
        session = stack.enter_context(standin_session(settings, stacks, sandbox, work, limits))
        yield session, stack.enter_context(sandbox_store(settings, sandbox))


def _lasting_folder(settings: Settings) -> Path:
    # The one state that is in no bucket yet must outlive temporary folders and the clone.
    base = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    return base / "iot-dr" / "bootstrap" / f"{settings.account_id}-{settings.environment}"
