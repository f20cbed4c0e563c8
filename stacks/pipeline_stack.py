"""The stack of a pipeline that rolls out an environment in waves."""

from pathlib import Path
from typing import Any, Final

import yaml
from constructs import Construct

from environments.settings import Pipeline, Settings
from modules.artifact_bucket import (
    ArtifactBucket,
    ArtifactBucketInputs,
    ArtifactBucketOutputs,
    artifact_bucket_name,
)
from modules.build_project import BuildProject, BuildProjectInputs, log_group_name
from modules.code_pipeline import CodePipeline, CodePipelineInputs, CodePipelineOutputs
from modules.json_text import compact_json
from modules.pipeline_key import PipelineKey, PipelineKeyInputs
from modules.pipeline_notifications import PipelineNotifications, PipelineNotificationsInputs
from modules.pipeline_topic import PipelineTopic, PipelineTopicInputs
from modules.pipeline_wave import PipelineWave
from stacks.base_stack import BaseStack
from stacks.graph import StackNode
from stacks.permissions.permissions import Permissions
from stacks.pipeline_roles import PipelineRoleInputs, PipelineRoles, project_names
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves, Wave

BUILDS: Final = Path(__file__).with_name("builds")
"""The folder with a file for each verb: synth, plan, apply, verify."""

_FIRST: Final = "synth"
_TAKE: Final = BUILDS / "take-code.sh"


def buildspec(verb: str) -> str:
    """Return the buildspec of a verb as JSON.

    All verbs but synth first unpack the code artifact of their own execution (`take-code.sh`).
    """
    specification: Any = yaml.safe_load((BUILDS / f"{verb}.yml").read_text(encoding="utf-8"))
    if verb != _FIRST:
        specification["phases"]["install"]["commands"].insert(0, _TAKE.read_text(encoding="utf-8"))
    return compact_json(specification)


# Minutes: a certificate may take 75 of them (`endpoint.certificate_minutes`).
_TIMEOUTS: Final = {"synth": 30, "plan": 30, "apply": 120}
_AROUND_BAKE: Final = 15


class CICDPipelineStack(BaseStack):
    """A pipeline in one of two regions, which does not depend on the other (ADR 0020).

    Both regions have the same pipeline, but the `standing` copy has no trigger and does not detect
    pushes. Each uses only resources of its own region at run time. Each has the waves in which it
    is the active one, since it refuses commits that name the other: first its own stack, last the
    other pipeline's.
    """

    def __init__(self, scope: Construct, node: StackNode, settings: Settings) -> None:
        super().__init__(scope, node, settings, [node.region])
        self._region, self._settings = node.region, _block(settings)
        own = self._settings.model_copy(update={"active_region": node.region})
        as_active = settings.model_copy(update={"pipeline": own})
        self._waves = RolloutWaves(platform_graph(as_active)).waves
        self._key_arn = self._key()
        self._topic_arn = self._topic()
        bucket = self._artifacts()
        self._pipeline_roles = self._create_roles(bucket.arn)
        self._roles = {what: role.outputs for what, role in self._pipeline_roles.roles.items()}
        self._projects = {what: self._project(what) for what in project_names(settings)}
        pipeline = self._pipeline(node, bucket)
        self._notify()
        self.hand_over("pipeline_name", pipeline.name, "Name by which the pipeline is started")
        self.hand_over("pipeline_topic_arn", self._topic_arn, "Topic that asks for approvals")

    def allow(self, permissions: Permissions) -> None:
        """Set the roles' policies from the resources of all stacks, this one included."""
        self._pipeline_roles.grant(permissions)

    def _name(self, what: str) -> str:
        """Return a name in the pipeline's region, which a project and its role share."""
        return self.context.name(f"{what}-{self._region}")

    def _key(self) -> str:
        inputs = PipelineKeyInputs(
            provider=self.provider(self._region),
            name=self._name("pipeline"),
            topic_name=self._name("pipeline"),
            region=self._region,
            account_id=self.settings.account_id,
            log_groups=[log_group_name(self._name(what)) for what in project_names(self.settings)],
        )
        return PipelineKey(self, "key", inputs).outputs.arn

    def _topic(self) -> str:
        inputs = PipelineTopicInputs(
            provider=self.provider(self._region),
            name=self._name("pipeline"),
            key_arn=self._key_arn,
            region=self._region,
            account_id=self.settings.account_id,
        )
        return PipelineTopic(self, "topic", inputs).outputs.arn

    def _artifacts(self) -> ArtifactBucketOutputs:
        inputs = ArtifactBucketInputs(
            provider=self.provider(self._region),
            bucket_name=artifact_bucket_name(self.settings.state_bucket(self._region)),
            key_arn=self._key_arn,
        )
        return ArtifactBucket(self, "artifacts", inputs).outputs

    def _create_roles(self, bucket_arn: str) -> PipelineRoles:
        inputs = PipelineRoleInputs(
            region=self._region,
            pipeline_name=self._name("pipeline"),
            artifact_bucket_arn=bucket_arn,
            key_arn=self._key_arn,
            connection_arn=self._settings.connections[self._region],
            topic_arn=self._topic_arn,
        )
        return PipelineRoles(self, inputs)

    def _project(self, what: str) -> str:
        verb = what.partition("-")[0]
        inputs = BuildProjectInputs(
            provider=self.provider(self._region),
            slot=what.replace("-", "_"),
            name=self._name(what),
            description=f"{what} of {self.settings.environment}",
            buildspec=buildspec(verb),
            role_arn=self._roles[what].arn,
            role_policy=self._roles[what].policy,
            key_arn=self._key_arn,
            variables={
                "ENV": self.settings.environment,
                "PROVIDER": "aws",
                "PYTHONUNBUFFERED": "1",
            },
            timeout=self._timeout(verb),
        )
        return BuildProject(self, f"project_{what}", inputs).outputs.name

    def _timeout(self, verb: str) -> int:
        """Return a build's timeout in minutes; verify waits for the bake.

        See `iot_dr/delivery/pipeline/bake.py`.
        """
        return _TIMEOUTS.get(verb) or 2 * self._settings.bake_minutes + _AROUND_BAKE

    def _pipeline(self, node: StackNode, bucket: ArtifactBucketOutputs) -> CodePipelineOutputs:
        pipeline = self._settings
        inputs = CodePipelineInputs(
            provider=self.provider(self._region),
            name=self._name("pipeline"),
            environment=self.settings.environment,
            role_arn=self._roles["pipeline"].arn,
            role_policy=self._roles["pipeline"].policy,
            bucket_name=bucket.name,
            key_arn=self._key_arn,
            topic_arn=self._topic_arn,
            connection_arn=pipeline.connections[self._region],
            repository=pipeline.repository,
            branch=pipeline.branch,
            is_active=node.role == "active",
            synth=self._projects["synth"],
            waves=[self._wave(wave) for wave in self._waves],
        )
        return CodePipeline(self, "pipeline", inputs).outputs

    def _wave(self, wave: Wave) -> PipelineWave:
        return PipelineWave(
            number=wave.number,
            stacks=wave.names,
            required_waves=self._serving_waves() if _has_entry_point(wave) else (),
            plan=self._projects["plan"],
            apply=self._projects[f"apply-{wave.scope}"],
            verify=self._projects["verify"],
        )

    def _serving_waves(self) -> tuple[int, ...]:
        return tuple(wave.number for wave in self._waves if wave.serving)

    def _notify(self) -> None:
        inputs = PipelineNotificationsInputs(
            provider=self.provider(self._region),
            name=self._name("pipeline"),
            denied_name=self._name("pipeline-denied"),
            pipeline_name=self._name("pipeline"),
            topic_arn=self._topic_arn,
        )
        PipelineNotifications(self, "notifications", inputs)


def _has_entry_point(wave: Wave) -> bool:
    return any(node.what == "entry-point" for node in wave.nodes)


def _block(settings: Settings) -> Pipeline:
    if settings.pipeline is None:
        message = f"{settings.environment} has no pipeline block, and so no pipeline stack"
        raise ValueError(message)
    return settings.pipeline
