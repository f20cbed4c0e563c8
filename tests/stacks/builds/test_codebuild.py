"""The stand-in for CodeBuild, by the reference of buildspecs."""

from pathlib import Path
from typing import Any

import pytest

from tests.stacks.builds.codebuild import Build, Buildspec


def run(folder: Path, phases: dict[str, Any], exported: tuple[str, ...] = ()) -> Build:
    env = {"shell": "bash", "exported-variables": list(exported)}
    source, scratch = folder / "source", folder / "scratch"
    source.mkdir()
    scratch.mkdir()
    spec = Buildspec.of({"version": 0.2, "env": env, "phases": phases})
    return spec.run(source, scratch, {"GIVEN": "given"})


def commands(*lines: str, **more: Any) -> dict[str, Any]:
    return {"commands": list(lines), **more}


def test_one_shell_runs_all_phases_and_its_exports_are_read_at_the_end(tmp_path: Path) -> None:
    build = run(
        tmp_path,
        {
            "install": commands("cd ..", "own=kept", 'export A="$GIVEN" B=early'),
            "build": commands('[ "$own" = kept ]', "[ -d source ]", "export B='later one'"),
        },
        ("A", "B", "own"),
    )
    assert build.is_good, build.printed
    assert build.exported == {"A": "given", "B": "later one"}


def test_after_a_command_that_failed_only_finally_runs_and_post_build(tmp_path: Path) -> None:
    last = 'echo "succeeding: $CODEBUILD_BUILD_SUCCEEDING"'
    build = run(
        tmp_path,
        {
            "build": commands("(exit 4)", "echo not this", **{"finally": ["echo at last"]}),
            "post_build": commands(last),
        },
    )
    assert build.phases == {"build": 4, "post_build": 0}
    assert not build.is_good
    assert build.printed == "at last\nsucceeding: 0\n"


@pytest.mark.parametrize(
    ("phases", "ran"),
    [
        ({"build": commands("false", **{"on-failure": "ABORT"})}, {"build": 1}),
        ({"install": commands("false"), "build": commands("true")}, {"install": 1}),
        ({"pre_build": commands("true", **{"finally": ["false"]})}, {"pre_build": 1}),
    ],
    ids=["a build that says abort", "an install", "a finally"],
)
def test_after_a_phase_that_failed_the_build_ends(
    tmp_path: Path, phases: dict[str, Any], ran: dict[str, int]
) -> None:
    build = run(tmp_path, {**phases, "post_build": commands("echo not this")})
    assert (build.phases, build.printed) == (ran, "")


def test_a_command_that_ends_the_shell_fails_the_build(tmp_path: Path) -> None:
    build = run(tmp_path, {"install": commands("true"), "build": commands("exit 0")})
    assert not build.is_good


@pytest.mark.parametrize(
    "wrong",
    [
        {"version": 0.1},
        {"phase": {}},
        {"phases": {"test": {"commands": ["true"]}}},
        {"phases": {"build": {"commands": []}}},
        {"phases": {"build": {"command": ["true"]}}},
        {"env": {"variable": {}}},
    ],
    ids=str,
)
def test_what_it_does_not_know_is_refused(wrong: dict[str, Any]) -> None:
    good = {"version": 0.2, "phases": {"build": {"commands": ["true"]}}}
    Buildspec.of(good)
    with pytest.raises((AssertionError, KeyError)):
        Buildspec.of({**good, **wrong})


@pytest.mark.parametrize(
    ("artifacts", "is_star_hidden", "kept"),
    [
        ({"files": ["**/*"]}, False, {"a", "b/c", "b/d/e"}),
        ({"files": ["**/*"]}, True, {"a", "b/c", "b/d/e", ".git/x", "b/.f"}),
        ({"files": ["**/*", ".git/**/*"]}, False, {"a", "b/c", "b/d/e", ".git/x"}),
        ({"files": ["b/*"]}, False, {"b/c"}),
        ({"files": ["*"]}, False, {"a"}),
        ({"files": ["**/*"], "exclude-paths": ["b/**/*"]}, True, {"a", ".git/x"}),
        ({"files": ["**/*"], "exclude-paths": ["b/*"]}, True, {"a", "b/d/e", ".git/x"}),
        ({"files": ["**/*"], "base-directory": "b"}, False, {"c", "d/e"}),
    ],
    # The text of a set differs between workers.
    ids=range(8),
)
def test_an_artifact_has_the_files_that_its_patterns_name(
    tmp_path: Path, artifacts: dict[str, Any], is_star_hidden: bool, kept: set[str]
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    for name in ("a", "b/c", "b/d/e", "b/.f", ".git/x"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(name, encoding="utf-8")
    phases = {"build": commands("true")}
    spec = Buildspec.of({"version": 0.2, "phases": phases, "artifacts": artifacts})
    spec.artifact(source, target, is_star_hidden=is_star_hidden)
    results = {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()}
    assert results == kept
