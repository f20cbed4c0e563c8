"""The actions of a pipeline."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf_cdktf_provider_aws.codepipeline import CodepipelineStageAction

from modules.json_text import compact_json

SOURCE: Final = "Source"
"""The name of the action that fetches a commit, and of its artifact."""

CODE: Final = "Code"
"""The artifact that all later actions work in: the commit's files in one archive."""


def variable(namespace: str, name: str) -> str:
    """Return the reference to a variable that the action with this namespace exports."""
    return f"#{{{namespace}.{name}}}"


SYNTH: Final = "Synth"
"""The name of the action that creates the artifact `CODE`, and its variable namespace."""

CODE_VARIABLES: Final[Mapping[str, str]] = {"CODE_SHA256": variable(SYNTH, "CODE_SHA256")}
"""Variables by which a build verifies that the artifact is that of its own execution."""


def source(
    connection_arn: str, repository: str, branch: str, *, is_active: bool
) -> CodepipelineStageAction:
    """Return the action that fetches a branch's commit; unless `is_active`, a push starts nothing.

    The artifact is a full clone, since promotion needs the history:
    docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html.
    """
    return CodepipelineStageAction(
        name=SOURCE,
        category="Source",
        owner="AWS",
        provider="CodeStarSourceConnection",
        version="1",
        configuration={
            "ConnectionArn": connection_arn,
            "FullRepositoryId": repository,
            "BranchName": branch,
            "OutputArtifactFormat": "CODEBUILD_CLONE_REF",
            "DetectChanges": "true" if is_active else "false",
        },
        output_artifacts=[SOURCE],
    )


@dataclass(frozen=True, kw_only=True)
class BuildAction:
    """A run of a CodeBuild project, in which the first of `inputs` is the primary source.

    Later actions find the variables that it exports under `namespace`. Within a stage, an action
    with a higher `order` starts after those with a lower one have succeeded. Source:
    docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-CodeBuild.html.
    """

    name: str
    project: str
    inputs: tuple[str, ...]
    output: str | None = None
    namespace: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict[str, str])
    order: int | None = None

    def action(self) -> CodepipelineStageAction:
        """Return it as an action of a stage."""
        return CodepipelineStageAction(
            name=self.name,
            category="Build",
            owner="AWS",
            provider="CodeBuild",
            version="1",
            configuration=self._configuration(),
            input_artifacts=list(self.inputs),
            output_artifacts=[self.output] if self.output else None,
            namespace=self.namespace,
            run_order=self.order,
        )

    def _configuration(self) -> dict[str, str]:
        configuration = {"ProjectName": self.project}
        if len(self.inputs) > 1:
            configuration["PrimarySource"] = self.inputs[0]
        if self.variables:
            configuration["EnvironmentVariables"] = compact_json(
                [
                    {"name": name, "value": value, "type": "PLAINTEXT"}
                    for name, value in self.variables.items()
                ]
            )
        return configuration


def approval(question: str, link: str, topic_arn: str) -> CodepipelineStageAction:
    """Return a manual approval with a question and a link, which it also publishes to the topic.

    docs.aws.amazon.com/codepipeline/latest/userguide/approvals-action-add.html
    """
    return CodepipelineStageAction(
        name="Approve",
        category="Approval",
        owner="AWS",
        provider="Manual",
        version="1",
        configuration={
            "CustomData": question,
            "ExternalEntityLink": link,
            "NotificationArn": topic_arn,
        },
    )
