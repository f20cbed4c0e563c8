"""Environment variables with which Terraform finds its provider and its states."""

from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import MappingProxyType

from environments.settings import ExistingZone, Settings
from iot_dr.common.signals import deferred_signals
from iot_dr.terraform.provider_backend import refuse_real_backend
from iot_dr.terraform.runtime import RUNTIME
from iot_dr.terraform.sandbox.exclusive_run import shared_run
from iot_dr.terraform.sandbox.loopback import require_loopback
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.mirror import standin_environment


@contextmanager
def standin_variables(
    settings: Settings,
    stacks: Path,
    sandbox: Path,
    synthesis: Callable[[], object] | None = None,
    scope: Path | None = None,
) -> Generator[dict[str, str]]:
    """Run the stand-in and the sandbox of the folder `sandbox`; yield their variables.

    `synthesis` writes `stacks` while the two start; without it the stacks exist already and are
    checked before anything starts. `scope` is a folder that contains every stack of this run, if
    `stacks` does not. Raises ProviderMismatchError if the sandbox cannot serve a stack's backend,
    SandboxError if the sandbox cannot start or is being removed, and what `offline_variables`
    raises.
    """
    if synthesis is None:
        refuse_real_backend(stacks)
    runtime = RUNTIME.get()
    with shared_run(sandbox), ExitStack() as stack:
        with _starting() as thread:
            starting = thread.submit(
                lambda: stack.enter_context(runtime.sandbox(sandbox, settings.account_id))
            )
            zone = settings.zone
            zones = {zone.id: settings.zone_name} if isinstance(zone, ExistingZone) else {}
            used = (scope or stacks, sandbox)
            provider = stack.enter_context(offline_variables(synthesis, used, stacks, zones))
            if synthesis is not None:
                refuse_real_backend(stacks)
        running = starting.result()
        running.create_buckets(settings.state_buckets)
        yield {**provider, **running.environment}


@contextmanager
def offline_variables(
    synthesis: Callable[[], object] | None = None,
    scope: Sequence[Path] = (),
    stacks: Path | None = None,
    zones: Mapping[str, str] = MappingProxyType({}),
) -> Generator[dict[str, str]]:
    """Run the stand-in and yield its variables; `synthesis` runs while it starts.

    `scope`, `stacks` and `zones` are those of `Daemon`. Raises DaemonError if the stand-in does not
    start, BindingsNotFoundError if it has no schema, and NoLoopbackError first of all.
    """
    require_loopback()
    runtime = RUNTIME.get()
    with ExitStack() as stack:

        def start() -> dict[str, str]:
            cache = SchemaCache.default()
            daemon = stack.enter_context(runtime.standin(cache, scope, stacks, zones))
            return {**standin_environment(cache), **daemon.environment}

        with _starting() as thread:
            starting = thread.submit(start)
            if synthesis is not None:
                synthesis()
        yield starting.result()


@contextmanager
def _starting() -> Generator[ThreadPoolExecutor]:
    # Ctrl-C is deferred: a starting process would write into a folder that is being removed.
    with deferred_signals(lambda: None), ThreadPoolExecutor(1) as thread:
        yield thread


def aws_variables(plugins: Path) -> dict[str, str]:
    """Create `plugins`; return the variables that make Terraform cache the real provider there."""
    plugins.mkdir(parents=True, exist_ok=True)
    return {
        "TF_PLUGIN_CACHE_DIR": str(plugins),
        # Stacks are copied without lock files, and without one each `init` would download it again:
        # developer.hashicorp.com/terraform/cli/config/config-file, "Provider Plugin Cache".
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true",
    }
