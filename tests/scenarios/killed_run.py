"""A run that a test kills: applies three small stacks in the sandbox of a folder.

Arguments: the folder, and the content of the resources. Prints a line when the applies begin.
"""

import json
import sys
from pathlib import Path

from iot_dr.delivery.session import RunLimits, standin_session
from iot_dr.delivery.stack_plan import StackPlanner
from iot_dr.terraform.schedule import Done
from stacks.graph import StackGraph, StackNode
from tests.iot_dr.terraform.platform import REGION, SETTINGS, stack_document

NODES = [
    StackNode(name=f"iot-dev-{name}", what="iot", region=REGION, role=None, depends_on=after)
    for name, after in (("one", ()), ("two", ("iot-dev-one",)), ("three", ("iot-dev-one",)))
]


def write(folder: Path, content: str) -> None:
    """Write the stacks; every resource changes with `content`."""
    data = {f"x{number}": {"input": content} for number in range(5)}
    for node in NODES:
        stack = folder / node.name
        stack.mkdir(parents=True, exist_ok=True)
        document = stack_document(node.name, {"resource": {"terraform_data": data}})
        (stack / "cdk.tf.json").write_text(json.dumps(document), encoding="utf-8")


def main(folder: Path, content: str) -> int:
    """Apply, and return 0 if every stack succeeded."""
    run = folder / f"run-{content}"
    write(run / "stacks", content)
    limits = RunLimits(jobs=2, timeout=60)
    sandbox = folder / "sandbox"
    with standin_session(SETTINGS, run / "stacks", sandbox, run / "work", limits) as session:
        sys.stdout.write("began\n")
        sys.stdout.flush()
        walk = StackPlanner(
            session=session,
            graph=StackGraph(NODES),
            jobs=limits.jobs,
            on_phase=lambda _node, _phase: None,
            on_outcome=lambda _outcome: None,
        )
        return 0 if all(isinstance(each, Done) for each in walk.plan(apply=True)) else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
