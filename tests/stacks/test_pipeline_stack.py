"""The pipeline in both of its regions: what is rolled out when, and what holds it back."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from environments.settings import Settings
from iot_dr.delivery.pipeline.guard import ExpectedWave, refuse_inactive, refuse_other_wave
from iot_dr.delivery.stack_plan import StackPlanner
from iot_dr.generate.expectation import design_expectation
from iot_dr.generate.waves import subgraph
from iot_dr.rules.engine import judge
from iot_dr.terraform_json.change import Action
from iot_dr.terraform_json.document import parsed_resources
from iot_dr.terraform_json.resource_set import ResourceSet
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves
from tests.stacks.differences import differences, named
from tests.support.examples import examples
from tests.support.iam import Call, allows, roles
from tests.support.pipeline import PIPELINE, connection, standby_region
from tests.support.sandbox_run import changes, sandbox_run
from tests.support.settings import REGIONS, settings
from tests.support.synthesis import Synthesis
from tests.support.template import Template

WEST, CENTRAL = REGIONS[:2]
LONG_REGIONS = ("ap-southeast-5", "ap-northeast-1")
ACTIVE, STANDING = f"iot-dev-pipeline-{WEST}", f"iot-dev-pipeline-{CENTRAL}"


def made_active(environment: Settings, region: str) -> Settings:
    """Return the settings with the pipeline of another region as the active one."""
    assert environment.pipeline
    pipeline = environment.pipeline.model_copy(update={"active_region": region})
    return environment.model_copy(update={"pipeline": pipeline})


def of(template: Template) -> dict[str, Any]:
    (pipeline,) = template.resources("aws_codepipeline").values()
    return pipeline


def stages(template: Template) -> dict[str, dict[str, Any]]:
    return {stage["name"]: stage for stage in of(template)["stage"]}


def actions(stage: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in stage["action"]}


def action(stage: dict[str, Any]) -> dict[str, Any]:
    (only,) = stage["action"]
    return only


def variables_of(action: dict[str, Any]) -> dict[str, str]:
    """Return the variables of a build, as CodeBuild would set them."""
    listed = json.loads(action["configuration"]["EnvironmentVariables"])
    assert {each["type"] for each in listed} == {"PLAINTEXT"}
    return {each["name"]: each["value"] for each in listed}


def project(template: Template, reference: str) -> dict[str, Any]:
    """Return the project that an action names."""
    by_reference = {
        f"${{aws_codebuild_project.{id_}.name}}": body
        for id_, body in template.resources("aws_codebuild_project").items()
    }
    return by_reference[reference]


@pytest.fixture
def pipelines(synthesis: Synthesis) -> tuple[Template, Template]:
    stacks = synthesis(settings(pipeline=PIPELINE))
    return stacks[ACTIVE], stacks[STANDING]


@st.composite
def environments(draw: st.DrawFn) -> Settings:
    regions = draw(st.lists(st.sampled_from(REGIONS), min_size=2, max_size=5, unique=True))
    left = [region for region in REGIONS if region not in regions]
    two = draw(st.lists(st.sampled_from(regions), min_size=2, max_size=2, unique=True))
    connections = {region: connection(region) for region in two}
    return settings(
        regions=regions,
        leaving_regions=draw(st.lists(st.sampled_from(left), unique=True)) if left else [],
        home_region=draw(st.sampled_from(regions)),
        primary_region=draw(st.sampled_from(regions)),
        health={"mode": draw(st.sampled_from(["deep", "shallow"]))},
        pipeline={
            **PIPELINE,
            "connections": connections,
            "active_region": draw(st.sampled_from(two)),
        },
    )


few = limits(max_examples=examples(4), suppress_health_check=[HealthCheck.function_scoped_fixture])


@few
@given(environments())
def test_every_stack_is_planned_approved_applied_and_verified_in_its_wave_and_in_order(
    synthesis: Synthesis, environment: Settings
) -> None:
    stacks = synthesis(environment)
    results = [template for name, template in stacks.items() if "-pipeline-" in name]
    assert len(results) == 2
    for template in results:
        region = next(iter(template.providers.values()))["region"]
        waves = RolloutWaves(platform_graph(made_active(environment, region))).waves
        names = [f"{verb}-{w.number}" for w in waves for verb in ("Plan", "Change", "Verify")]
        by_name = stages(template)
        assert list(by_name) == ["Source", "Synth", *names]
        assert "-pipeline-" in waves[0].names[0]
        assert region in waves[0].names[0]
        for wave in waves:
            plan, verify = (action(by_name[f"{verb}-{wave.number}"]) for verb in ("Plan", "Verify"))
            approve, apply = by_name[f"Change-{wave.number}"]["action"]
            assert (approve["name"], apply["name"]) == ("Approve", "Apply")
            assert (approve.get("run_order", 1), apply["run_order"]) == (1, 2)
            wanted = {
                "WAVE": str(wave.number),
                "STACKS": " ".join(wave.names),
                "CODE_SHA256": "#{Synth.CODE_SHA256}",
            }
            approved = f"#{{Wave{wave.number}.PLANS_SHA256}}"
            assert {**variables_of(plan), "PASSED_BY": ""} == {**wanted, "PASSED_BY": ""}
            assert (
                variables_of(apply) == variables_of(verify) == {**wanted, "PLANS_SHA256": approved}
            )
            for step, runs in (
                (plan, "plan"),
                (apply, f"apply-{wave.scope}"),
                (verify, "verify"),
            ):
                named = project(template, step["configuration"]["ProjectName"])["name"]
                assert named == f"example-dev-{runs}-{region}"
        assert {name for wave in waves for name in wave.names} == set(stacks)


def test_the_largest_environment_has_no_more_stages_and_no_longer_words_than_a_pipeline_takes(
    synthesis: Synthesis,
) -> None:
    leaving = ["us-west-2", "ap-northeast-1", "ap-southeast-5"]
    largest = settings(
        environment="environment1",
        pipeline=PIPELINE,
        regions=list(REGIONS),
        leaving_regions=leaving,
    )
    made = stages(synthesis(largest)["iot-environment1-pipeline-eu-west-1"])
    assert 35 < len(made) <= 50
    # botocore's model of ActionConfigurationValue
    results = [
        each["configuration"].values() for stage in made.values() for each in stage["action"]
    ]
    assert max(len(value) for values in results for value in values) <= 1000


@few
@given(environments())
def test_both_pipelines_are_the_same_but_for_their_region_and_what_starts_them(
    synthesis: Synthesis, environment: Settings
) -> None:
    assert environment.pipeline is not None
    active, standing = environment.pipeline.active_region, standby_region(environment.pipeline)
    stacks = synthesis(environment)
    texts: list[str] = []
    for region in (active, standing):
        template = stacks[f"iot-dev-pipeline-{region}"]
        assert [block["region"] for block in template.providers.values()] == [region]
        body = of(template)
        assert ("trigger" in body) is (region == active)
        body.pop("trigger", None)
        source = action(stages(template)["Source"])["configuration"]
        assert source.pop("DetectChanges") == ("true" if region == active else "false")
        assert source.pop("ConnectionArn") == environment.pipeline.connections[region]
        # What is the same in both: the definition, alarms and the stacks of a wave included.
        own = body.pop("name"), body.pop("provider"), body.pop("//")
        assert all(region in str(each) or region.replace("-", "_") in str(each) for each in own)
        # Each begins with its own stack, and ends with the other's.
        other = standing if region == active else active
        text = json.dumps(body).replace(f"iot-dev-pipeline-{region}", "own")
        texts.append(text.replace(f"iot-dev-pipeline-{other}", "other"))
    assert texts[0] == texts[1]


@few
@given(environments())
def test_no_rule_finds_anything_in_them(synthesis: Synthesis, environment: Settings) -> None:
    documents = synthesis(environment)
    stacks = [parsed_resources(name, each.document) for name, each in documents.items()]
    result = judge(ResourceSet(stacks), design_expectation(environment)).findings
    # Settings drawn at random may well miss the target of their recovery, and have no `data`.
    allowed = {"recovery-over-target", "devices-unknown-in-standby"}
    assert {each.rule for each in result} <= allowed


def test_a_push_to_the_branch_starts_the_active_one_and_nothing_the_copy(
    pipelines: tuple[Template, Template],
) -> None:
    active, standing = map(of, pipelines)
    (trigger,) = active["trigger"]
    assert trigger["provider_type"] == "CodeStarSourceConnection"
    assert trigger["git_configuration"] == {
        "source_action_name": "Source",
        "push": [{"branches": {"includes": ["main"]}}],
    }
    assert "trigger" not in standing
    for body in (active, standing):
        assert (body["pipeline_type"], body["execution_mode"]) == ("V2", "QUEUED")


def test_the_whole_clone_goes_to_the_synthesis_and_its_checkout_to_every_build(
    pipelines: tuple[Template, Template],
) -> None:
    by_name = stages(pipelines[0])
    source, synth = action(by_name["Source"]), action(by_name["Synth"])
    assert source["configuration"]["OutputArtifactFormat"] == "CODEBUILD_CLONE_REF"
    assert source["configuration"]["FullRepositoryId"] == "example/iot-platform"
    assert source["configuration"]["BranchName"] == "main"
    assert (synth["input_artifacts"], synth["output_artifacts"]) == (["Source"], ["Code"])
    plan, apply = action(by_name["Plan-3"]), actions(by_name["Change-3"])["Apply"]
    verify = action(by_name["Verify-3"])
    assert (plan["input_artifacts"], plan["output_artifacts"]) == (["Code"], ["Plans3"])
    assert "PrimarySource" not in plan["configuration"]
    for stage_action in (apply, verify):
        assert stage_action["input_artifacts"] == ["Code", "Plans3"]
        assert stage_action["configuration"]["PrimarySource"] == "Code"
        assert "output_artifacts" not in stage_action


def test_a_wave_without_changes_asks_nobody_and_applies_nothing_and_is_verified_all_the_same(
    pipelines: tuple[Template, Template],
) -> None:
    for name, stage in stages(pipelines[0]).items():
        verb, _, number = name.partition("-")
        assert ("before_entry" in stage) is (verb == "Change")
        assert not {"on_success", "on_failure"} & set(stage)
        if verb != "Change":
            # Whatever may change something is behind the condition.
            runs = action(stage)["configuration"].get("ProjectName", "")
            assert ".apply" not in runs
            continue
        condition = stage["before_entry"]["condition"]
        assert condition["result"] == "SKIP"
        (rule,) = condition["rule"]
        assert rule["rule_type_id"] == {
            "category": "Rule",
            "owner": "AWS",
            "provider": "VariableCheck",
            "version": "1",
        }
        assert rule["configuration"] == {
            "Variable": f"#{{Wave{number}.HAS_CHANGES}}",
            "Value": "true",
            "Operator": "EQ",
        }
        assert action(stages(pipelines[0])[f"Plan-{number}"])["namespace"] == f"Wave{number}"


def test_the_question_holds_the_verdict_and_where_to_read_on(
    pipelines: tuple[Template, Template],
) -> None:
    asked = actions(stages(pipelines[0])["Change-4"])["Approve"]
    assert (asked["category"], asked["provider"]) == ("Approval", "Manual")
    assert asked["configuration"] == {
        "CustomData": "dev, wave 4 (iot-dev-iot-eu-west-1): #{Wave4.VERDICT}. #{Wave4.REASON}",
        "ExternalEntityLink": "#{Wave4.LINK}",
        "NotificationArn": "${aws_sns_topic.pipeline.arn}",
    }


def test_the_standing_copy_takes_every_wave_of_the_commit_that_activates_it(
    synthesis: Synthesis,
) -> None:
    chosen = settings(pipeline=PIPELINE)
    activated = made_active(chosen, "eu-central-1")
    wave_variables = [
        variables_of(action(stage))
        for name, stage in stages(synthesis(chosen)[STANDING]).items()
        if name.startswith("Plan-")
    ]
    refuse_inactive(activated, "eu-central-1")
    for wave in wave_variables:
        expected = ExpectedWave(number=int(wave["WAVE"]), stacks=tuple(wave["STACKS"].split()))
        refuse_other_wave(activated, expected)
    assert len(wave_variables) == len(RolloutWaves(platform_graph(activated)).waves)


def test_what_leads_devices_is_not_planned_where_a_region_was_passed_by(
    synthesis: Synthesis,
) -> None:
    chosen = settings(regions=list(REGIONS[:3]), leaving_regions=[REGIONS[3]], pipeline=PIPELINE)
    expected = {"Plan-6": " ".join(f"#{{Wave{number}.PASSED_BY}}" for number in (3, 4, 5))}
    for name, stage in stages(synthesis(chosen)[ACTIVE]).items():
        for stage_action in stage["action"]:
            if "EnvironmentVariables" in stage_action["configuration"]:
                assert variables_of(stage_action).get("PASSED_BY") == expected.get(name), name


def test_a_region_that_leaves_has_a_wave_and_a_role(synthesis: Synthesis) -> None:
    stacks = synthesis(settings(pipeline=PIPELINE, leaving_regions=["eu-north-1"]))
    apply = actions(stages(stacks[ACTIVE])["Change-6"])["Apply"]
    assert variables_of(apply)["STACKS"] == "iot-dev-iot-eu-north-1"
    assert "apply_eu_north_1" in stacks[ACTIVE].resources("aws_codebuild_project")


@pytest.mark.parametrize("bake", [pytest.param(5, marks=pytest.mark.exhaustive), 60])
def test_a_verification_has_the_time_that_a_bake_takes_at_the_most(
    synthesis: Synthesis, bake: int
) -> None:
    stacks = synthesis(settings(pipeline={**PIPELINE, "bake_minutes": bake}))
    verify = stacks[ACTIVE].resources("aws_codebuild_project")["verify"]
    assert verify["build_timeout"] >= 2 * bake + 10


def test_each_build_has_its_role_its_log_and_no_privilege(
    pipelines: tuple[Template, Template],
) -> None:
    builds = pipelines[0].resources("aws_codebuild_project")
    logs = pipelines[0].resources("aws_cloudwatch_log_group")
    roles = {
        f"${{aws_iam_role.{id_}.arn}}": body["name"]
        for id_, body in pipelines[0].resources("aws_iam_role").items()
    }
    assert roles[of(pipelines[0])["role_arn"]] == "example-dev-pipeline-eu-west-1"
    scopes = ("eu_west_1", "eu_central_1", "global", "pipeline")
    assert (
        set(builds)
        == {"synth", "plan", "verify", *(f"apply_{scope}" for scope in scopes)}
        == set(logs)
    )
    for id_, body in builds.items():
        what = id_.replace("_", "-")
        assert body["name"] == f"example-dev-{what}-eu-west-1"
        assert roles[body["service_role"]] == body["name"]
        # Its text, for whoever can write an artifact must not say what is done with it.
        assert json.loads(body["source"]["buildspec"])["version"] == 0.2
        assert body["encryption_key"] == "${aws_kms_key.pipeline.arn}"
        environment = body["environment"]
        assert environment["privileged_mode"] is False
        assert environment["image"] == "aws/codebuild/standard:7.0"
        variables = {each["name"]: each["value"] for each in environment["environment_variable"]}
        assert variables == {"ENV": "dev", "PROVIDER": "aws", "PYTHONUNBUFFERED": "1"}
        assert logs[id_]["name"] == f"/aws/codebuild/{body['name']}"
        assert logs[id_]["retention_in_days"] == 90
        assert logs[id_]["kms_key_id"] == "${aws_kms_key.pipeline.arn}"
        group = body["logs_config"]["cloudwatch_logs"]["group_name"]
        assert group == f"${{aws_cloudwatch_log_group.{id_}.name}}"


def test_neither_the_pipeline_nor_a_build_is_made_before_its_role_has_its_rights(
    pipelines: tuple[Template, Template],
) -> None:
    for stack in pipelines:
        assert of(stack)["depends_on"] == ["aws_iam_role_policy.pipeline"]
        for id_, body in stack.resources("aws_codebuild_project").items():
            assert body["depends_on"] == [f"aws_iam_role_policy.{id_}"]


def test_every_build_may_leave_the_artifacts_that_its_actions_are_to_leave(
    pipelines: tuple[Template, Template],
) -> None:
    allowed, name = roles(pipelines[0]), of(pipelines[0])["name"]
    left: set[str] = set()
    every = (each for stage in stages(pipelines[0]).values() for each in stage["action"])
    for step in every:
        named = re.search(r"project\.(\w+)\.", step["configuration"].get("ProjectName", ""))
        if named is None:
            continue
        for artifact in step.get("output_artifacts", ()):
            left.add(artifact)
            # AWS cuts the names to 20 and 10 characters.
            key = f"{name[:20]}/{artifact[:10]}/x"
            call = Call("s3:PutObject", f"${{aws_s3_bucket.artifacts.arn}}/{key}")
            assert allows(allowed[named[1]].statements, call), artifact
    assert left == {"Code", *(f"Plans{number}" for number in range(7))}


def test_it_shows_how_an_execution_ended_and_asks_each_approval_once(
    pipelines: tuple[Template, Template],
) -> None:
    rules = pipelines[1].resources("aws_cloudwatch_event_rule")
    (pipeline,) = pipelines[1].resources("aws_codepipeline").values()
    patterns = {slot: json.loads(rule["event_pattern"]) for slot, rule in rules.items()}
    assert patterns == {
        "pipeline": {
            "source": ["aws.codepipeline"],
            "detail-type": ["CodePipeline Pipeline Execution State Change"],
            "detail": {
                "pipeline": [pipeline["name"]],
                "state": ["CANCELED", "FAILED", "SUCCEEDED"],
            },
        },
        "pipeline_denied": {
            "source": ["aws.codepipeline"],
            "detail-type": ["CodePipeline Action Execution State Change"],
            "detail": {
                "pipeline": [pipeline["name"]],
                "state": ["FAILED"],
                "type": {"category": ["Approval"]},
            },
        },
    }
    targets = pipelines[1].resources("aws_cloudwatch_event_target")
    assert targets.keys() == rules.keys()
    for slot, target in targets.items():
        assert target["rule"] == f"${{aws_cloudwatch_event_rule.{slot}.name}}"
        assert target["arn"] == "${aws_sns_topic.pipeline.arn}"
        assert "role_arn" not in target


def test_the_longest_names_of_its_rules_fit_eventbridge(synthesis: Synthesis) -> None:
    connections = {region: connection(region) for region in LONG_REGIONS}
    longest = settings(
        project="p" * 20,
        environment="e" * 12,
        regions=[*LONG_REGIONS],
        home_region=LONG_REGIONS[0],
        primary_region=LONG_REGIONS[0],
        pipeline={**PIPELINE, "connections": connections, "active_region": LONG_REGIONS[0]},
    )
    stacks = synthesis(longest)
    for region in LONG_REGIONS:
        rules = stacks[f"iot-{'e' * 12}-pipeline-{region}"].resources("aws_cloudwatch_event_rule")
        names = {rule["name"] for rule in rules.values()}
        assert len(names) == 2
        # docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
        assert max(map(len, names)) <= 64


def test_what_it_shows_is_a_line_that_leads_to_the_execution(
    pipelines: tuple[Template, Template],
) -> None:
    detail = {
        "pipeline": "example-dev-pipeline",
        "execution-id": "01234567-0123",
        "stage": "Change-2",
        "state": "FAILED",
    }
    event = {"region": "eu-west-1", "detail": detail}
    link = (
        "https://console.aws.amazon.com/codesuite/codepipeline/pipelines/example-dev-pipeline"
        "/executions/01234567-0123/timeline?region=eu-west-1"
    )
    targets = pipelines[1].resources("aws_cloudwatch_event_target")
    assert {slot: message(target, event) for slot, target in targets.items()} == {
        "pipeline": f"Execution 01234567-0123 of example-dev-pipeline in eu-west-1: FAILED. {link}",
        "pipeline_denied": "Change-2 of example-dev-pipeline in eu-west-1 was rejected, or nobody"
        f" answered in time. {link}",
    }


def message(target: dict[str, Any], event: dict[str, Any]) -> str:
    """Return the text that EventBridge makes of an event by the target's transformer."""
    transformer = target["input_transformer"]
    text: str = json.loads(transformer["input_template"])
    for name, path in transformer["input_paths"].items():
        value: Any = event
        for step in path.removeprefix("$.").split("."):
            value = value[step]
        text = text.replace(f"<{name}>", value)
    assert "<" not in text
    return text


def without_roles(template: Template) -> dict[str, Any]:
    """Return a pipeline's stack without what its roles may do and its builds run."""
    document = template.document
    made = document["resource"]
    document["resource"] = {type_: made[type_] for type_ in made if "_iam_" not in type_}
    for project in made["aws_codebuild_project"].values():
        # tests/buildspecs says more of it than that it was so.
        del project["source"]["buildspec"]
    return document


def test_the_active_pipeline_is_as_it_was(
    synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    active = without_roles(synthesis(settings(pipeline=PIPELINE))[ACTIVE])
    assert active == snapshot.use_extension(JSONSnapshotExtension)


def test_the_standing_copy_differs_from_the_active_pipeline_as_it_did(
    synthesis: Synthesis, snapshot: SnapshotAssertion
) -> None:
    made = synthesis(settings(pipeline=PIPELINE))
    standing = named(without_roles(made[STANDING]), {CENTRAL: "HERE", WEST: "THERE"})
    active = named(without_roles(made[ACTIVE]), {WEST: "HERE", CENTRAL: "THERE"})
    assert differences(standing, active) == snapshot


def test_the_other_one_becomes_active_by_a_change_of_the_pipelines_alone(
    synthesis: Synthesis,
) -> None:
    before, after = (
        synthesis(settings(pipeline={**PIPELINE, "active_region": region}))
        for region in (WEST, CENTRAL)
    )
    for name in (ACTIVE, STANDING):
        one, other = (of(made[name]) for made in (before, after))
        differing = {each for each in one.keys() | other.keys() if one.get(each) != other.get(each)}
        # AWS changes both in place.
        assert differing == {"stage", "trigger"}
        for made in (before, after):
            del made[name].document["resource"]["aws_codepipeline"]
        assert before[name].document == after[name].document


def applied(tmp_path: Path, pipeline: dict[str, Any]) -> dict[str, set[tuple[Action, str]]]:
    """Apply both pipelines' stacks in one sandbox; give what became of which resource in each."""
    with sandbox_run(tmp_path / "sandbox", tmp_path, pipeline=pipeline) as run:
        walk = StackPlanner(
            session=run.session,
            graph=subgraph(platform_graph(run.settings), (ACTIVE, STANDING)),
            jobs=2,
            on_phase=lambda _node, _phase: None,
            on_outcome=lambda _outcome: None,
        )
        return {
            outcome.node.name: {(each.action, each.address) for each in changes(outcome)}
            for outcome in walk.plan(apply=True)
        }


@pytest.mark.exhaustive
@pytest.mark.usefixtures("lent")
def test_terraform_makes_both_changes_nothing_more_and_moves_the_active_one_in_place(
    tmp_path: Path,
) -> None:
    made = applied(tmp_path, PIPELINE)
    assert {action for each in made.values() for action, _ in each} == {Action.CREATE}
    assert len(made[ACTIVE]) == len(made[STANDING]) > 20
    assert applied(tmp_path, PIPELINE) == {ACTIVE: set(), STANDING: set()}
    changed = {(Action.UPDATE, "aws_codepipeline.pipeline")}
    moved = applied(tmp_path, {**PIPELINE, "active_region": "eu-central-1"})
    assert moved == {ACTIVE: changed, STANDING: changed}
