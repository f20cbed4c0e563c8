"""`terraform validate` on every stack of environments, without a backend or an account."""

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from environments.settings import Settings
from iot_dr.delivery.session import RunLimits, Session, offline_session
from iot_dr.terraform.diagnostic import Diagnostic
from iot_dr.terraform.runtime import RUNTIME
from stacks.graph import StackNode
from stacks.platform_graph import platform_graph


@dataclass(frozen=True, kw_only=True)
class StackValidation:
    """Terraform's diagnostics of one stack, each with the path of its construct."""

    node: StackNode
    diagnostics: tuple[tuple[str | None, Diagnostic], ...]

    @property
    def is_valid(self) -> bool:
        """Whether the stack has no errors; warnings do not count."""
        return not any(diagnostic.severity == "error" for _, diagnostic in self.diagnostics)


def validate(
    environments: Sequence[Settings],
    limits: RunLimits,
    on_validated: Callable[[StackValidation], None],
) -> list[StackValidation]:
    """Synthesize and validate every stack, as many in parallel as `limits` allows.

    `on_validated` is called in the threads that validate. Raises TerraformError if Terraform cannot
    even read a stack, and what `offline_variables` raises.
    """
    nodes = [node for settings in environments for node in platform_graph(settings).nodes]
    with tempfile.TemporaryDirectory(prefix="iot-dr-validate-") as name:
        folder = Path(name)
        out, work = folder / "out", folder / "work"
        synthesis = partial(RUNTIME.get().synthesize, environments, out)
        with offline_session(out / "stacks", work, limits, synthesis, [out]) as session:

            def validate_node(node: StackNode) -> StackValidation:
                validated = _validated(session, node)
                on_validated(validated)
                return validated

            with ThreadPoolExecutor(limits.jobs) as threads:
                return list(threads.map(validate_node, nodes))


def _validated(session: Session, node: StackNode) -> StackValidation:
    document = session.document(node.name)
    with session.initialized(node.name, backend=False) as terraform:
        diagnostics = terraform.validate()
    return StackValidation(
        node=node,
        diagnostics=tuple((document.construct_path(each.address), each) for each in diagnostics),
    )
