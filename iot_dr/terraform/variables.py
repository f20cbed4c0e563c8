"""The variables with which Terraform finds its provider and its states."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path

from environments.settings import Settings
from iot_dr.terraform.mixture import refuse_real_backend
from iot_dr.terraform.sandbox.sandbox import Sandbox
from iot_dr.terraform.standin.cache import SchemaCache
from iot_dr.terraform.standin.daemon import Daemon
from iot_dr.terraform.standin.mirror import standin_environment


@contextmanager
def standin_variables(settings: Settings, stacks: Path, sandbox: Path) -> Generator[dict[str, str]]:
    """Run the stand-in and the sandbox kept in `sandbox`, and give the variables that lead there.

    Raises MixtureError when one of the stacks keeps its state where no sandbox can be.
    """
    refuse_real_backend(stacks)
    cache = SchemaCache.default()
    with ExitStack() as stack:
        # Each takes a moment to start, and neither needs the other.
        with ThreadPoolExecutor(1) as thread:
            starting = thread.submit(Sandbox, sandbox, settings.account_id)
            daemon = stack.enter_context(Daemon(cache))
            running = stack.enter_context(starting.result())
        running.create_buckets(settings.state_buckets)
        yield {**standin_environment(cache), **daemon.environment, **running.environment}


def aws_variables(plugins: Path) -> dict[str, str]:
    """Give the variables that keep the real provider in `plugins` once it is fetched."""
    plugins.mkdir(parents=True, exist_ok=True)
    return {
        "TF_PLUGIN_CACHE_DIR": str(plugins),
        # Lock files never travel with a stack, and without one each init would fetch it anew.
        "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "true",
    }
