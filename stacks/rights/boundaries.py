"""Which boundary caps which role of a pipeline."""

from collections.abc import Mapping
from typing import Literal

from stacks.rights.caps import pipeline_boundary
from stacks.rights.estate import Estate
from stacks.rights.policy import Statement
from stacks.rights.rollout_cap import global_boundary, region_boundary

Kind = Literal["pipeline", "global", "regions"]


def boundaries(estate: Estate) -> Mapping[Kind, list[Statement]]:
    """Write the boundaries of an environment's roles by what they cap.

    One caps all, where it has room for all. With the data of devices it would be longer than IAM
    takes: there it caps pipelines alone, and has no right to these.
    """
    one: dict[Kind, list[Statement]] = {"pipeline": pipeline_boundary(estate)}
    if not estate.has_data:
        return one
    return {**one, "global": global_boundary(estate), "regions": region_boundary(estate)}


def boundary_of(estate: Estate, what: str) -> Kind:
    """Tell which boundary the role has that is for `what`."""
    is_of_pipeline = what in {"pipeline", "synth", "verify", "apply-pipeline"}
    if is_of_pipeline or not estate.has_data:
        return "pipeline"
    return "global" if what == "apply-global" else "regions"
