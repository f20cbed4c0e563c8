"""The base of a comparison: stacks applied in a sandbox that is thrown away afterwards."""

from iot_dr.delivery.session import Session
from iot_dr.terraform.schedule import Outcome, Schedule
from stacks.graph import StackGraph, StackNode


def apply_base(session: Session, graph: StackGraph, jobs: int) -> list[Outcome[None]]:
    """Apply every stack by one command of Terraform; return the outcomes in the graph's order.

    Nobody looks at the plans, and nobody else uses the states: no plan file is written and read
    again, and no state is locked.
    """

    def apply(node: StackNode) -> None:
        with session.initialized(node.name) as terraform:
            terraform.apply(None, "-lock=false")

    return Schedule(
        graph=graph,
        work=apply,
        jobs=jobs,
        interrupt=session.pool.interrupt,
        on_outcome=lambda _outcome: None,
    ).run()
