"""The stages of a pipeline that roll out one wave."""

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.codepipeline import CodepipelineStage

from modules.inputs import refuse_unless
from modules.pipeline_action import CODE, BuildAction, approval
from modules.pipeline_condition import MOST_RULES, WatchedAlarm, only_if, quiet


@dataclass(frozen=True, kw_only=True)
class PipelineWave:
    """A wave: its number, its stacks, who applies it, and the alarms that are watched after it.

    `plan` and `apply` are names of projects.
    """

    number: int
    stacks: tuple[str, ...]
    plan: str
    apply: str
    alarms: tuple[WatchedAlarm, ...]

    def __post_init__(self) -> None:
        """Raise InputError for more alarms than one condition can watch."""
        count = len(self.alarms)
        expected = f"at most {MOST_RULES} of them"
        refuse_unless(count <= MOST_RULES, PipelineWave, "alarms", count, expected)


def wave_stages(
    wave: PipelineWave, environment: str, topic_arn: str, bake: int
) -> list[CodepipelineStage]:
    """Plan a wave, ask for its approval, apply it, and wait `bake` minutes for its alarms.

    Nobody is asked when the plans change nothing. Applied they are all the same: a plan that was
    overtaken while another execution waited is then refused, and the alarms of a wave that went
    wrong before are asked again, ahead of the next region.
    """
    number, variables = wave.number, f"Wave{wave.number}"
    told = {"WAVE": str(number), "STACKS": " ".join(wave.stacks)}
    changes = only_if(f"#{{{variables}.HAS_CHANGES}}", "true")
    plans = f"Plans{number}"
    question = (
        f"{environment}, wave {number} ({', '.join(wave.stacks)}):"
        f" #{{{variables}.VERDICT}}. #{{{variables}.REASON}}"
    )
    plan = BuildAction(
        name="Plan",
        project=wave.plan,
        inputs=(CODE,),
        output=plans,
        namespace=variables,
        variables=told,
    )
    apply = BuildAction(name="Apply", project=wave.apply, inputs=(CODE, plans), variables=told)
    return [
        CodepipelineStage(name=f"Plan-{number}", action=[plan.action()]),
        CodepipelineStage(
            name=f"Approve-{number}",
            before_entry=changes,
            action=[approval(question, f"#{{{variables}.LINK}}", topic_arn)],
        ),
        CodepipelineStage(
            name=f"Apply-{number}",
            action=[apply.action()],
            on_success=quiet(wave.alarms, bake),
        ),
    ]
