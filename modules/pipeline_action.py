"""The actions of a pipeline."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf_cdktf_provider_aws.codepipeline import CodepipelineStageAction

SOURCE: Final = "Source"
"""The action that fetches a commit, and its artifact."""

CODE: Final = "Code"
"""The artifact that every later action works in: the files of the commit, in one archive."""


def variable(namespace: str, name: str) -> str:
    """Name a variable that an action with this namespace has exported."""
    return f"#{{{namespace}.{name}}}"


SYNTH: Final = "Synth"
"""The action that makes this artifact, and the namespace of what it exports."""

CODE_VARIABLES: Final[Mapping[str, str]] = {"CODE_SHA256": variable(SYNTH, "CODE_SHA256")}
"""By which a build knows the archive of its own execution."""


def source(
    connection_arn: str, repository: str, branch: str, *, is_active: bool
) -> CodepipelineStageAction:
    """Fetch a commit of a branch; without change detection nobody's push starts the pipeline.

    The whole clone is handed on, since promotion asks for the history: docs.aws.amazon.com/
    codepipeline/latest/userguide/action-reference-CodestarConnectionSource.html.
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
    """A run of a project; the first of its inputs is the one that its buildspec works in.

    `namespace` is where later actions find the variables that it exports; of those in one stage, an
    action with a higher `order` begins when the others went well. Source:
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
        """Give it as an action of a stage."""
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
            configuration["EnvironmentVariables"] = json.dumps(
                [
                    {"name": name, "value": value, "type": "PLAINTEXT"}
                    for name, value in self.variables.items()
                ]
            )
        return configuration


def approval(question: str, link: str, topic_arn: str) -> CodepipelineStageAction:
    """Ask a person, and tell the topic that there is a question.

    Source: docs.aws.amazon.com/codepipeline/latest/userguide/approvals-action-add.html.
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
