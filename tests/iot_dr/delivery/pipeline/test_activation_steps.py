"""The commands that `iot-dr pipeline activate` prints, run on real repositories."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from environments.loader import load
from iot_dr.cli.pipeline.activate import ActivationReport
from iot_dr.delivery.pipeline.activation import Activation
from iot_dr.delivery.pipeline.guard import NotPermittedHereError, refuse_inactive
from iot_dr.delivery.pipeline.promotion import refuse_unpromoted
from tests.iot_dr.delivery.pipeline.environment_files import write
from tests.support.git import IDENTITY

WEST, CENTRAL = "eu-west-1", "eu-central-1"
BRANCHES = {"dev": "main", "staging": "release/staging", "prod": "prod"}


class Operator:
    """A clone of a project with three environments, whose three branches hold the same commit."""

    def __init__(self, folder: Path) -> None:
        self.remote, self.clone = folder / "remote", folder / "clone"
        self.shell(f"git init --quiet --bare --initial-branch main {self.remote}", folder)
        self.shell(f"git clone --quiet {self.remote} {self.clone}", folder)
        write(self.files, "dev", branch="main")
        write(self.files, "staging", branch=BRANCHES["staging"], promoted_from="dev")
        write(self.files, "prod", branch="prod", promoted_from="staging")
        self.shell("git checkout --quiet -b main && git add . && git commit --quiet -m all")
        self.shell("git push --quiet origin HEAD:refs/heads/main HEAD:refs/heads/prod")
        self.shell("git push --quiet origin HEAD:refs/heads/release/staging")
        self.shell("git fetch --quiet")

    @property
    def files(self) -> Path:
        return self.clone / "environments"

    def shell(self, command: str, folder: Path | None = None) -> str:
        done = subprocess.run(
            ["/bin/sh", "-ec", command],
            cwd=folder or self.clone,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.clone.parent), **IDENTITY},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def commit(self, name: str, *branches: str) -> None:
        """Push a commit of its own file to branches that stand at the same one."""
        self.shell(f"git fetch --quiet && git checkout --quiet --detach origin/{branches[0]}")
        self.shell(f"touch {name} && git add {name} && git commit --quiet -m {name}")
        self.shell(" ".join(("git push --quiet origin", *(f"HEAD:{each}" for each in branches))))

    def activate(self, environment: str) -> ActivationReport:
        activation = Activation.of(environment, CENTRAL, self.files)
        activation.write()
        return ActivationReport(activation)

    def follow(self, environment: str, before_the_push: Callable[[], None] = lambda: None) -> None:
        """Run what is printed, in its order, with something before the push; AWS is not here."""
        for command in self.activate(environment).commands:
            if command.startswith("iot-dr pipeline activate"):
                assert self.activate(environment).activation.is_here
                continue
            if command.startswith("git push"):
                before_the_push()
            if not command.startswith("aws "):
                self.shell(command)

    def guard(self, environment: str, region: str) -> None:
        """Ask what the pipeline of a region asks of the newest commit of its branch."""
        branch = BRANCHES[environment]
        self.shell(f"git fetch --quiet && git checkout --quiet --detach origin/{branch}")
        settings = load(environment, {}, self.files)
        refuse_inactive(settings, region)
        refuse_unpromoted(settings, self.clone)


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Operator:
    """Somebody with a clone, who has no configuration of git's own."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return Operator(tmp_path)


ALIKE: tuple[tuple[str, ...], ...] = ()
LAGS = (("next", "main"), ("soon", "release/staging"))
LEADS = (("hotfix", "prod"), ("next", "main"))
WAITS = (("waits", "main", "release/staging"), ("next", "main"))


@pytest.mark.parametrize(
    ("environment", "pushed", "others"),
    [
        pytest.param("prod", ALIKE, ("staging", "dev"), marks=pytest.mark.exhaustive),
        pytest.param("prod", LAGS, ("staging", "dev"), marks=pytest.mark.exhaustive),
        ("prod", LEADS, ("staging", "dev")),
        pytest.param("prod", WAITS, ("staging", "dev"), marks=pytest.mark.exhaustive),
        ("staging", WAITS, ("prod", "dev")),
    ],
    ids=["all alike", "each goes its way", "prod leads", "a commit waits", "staging"],
)
def test_every_guard_takes_the_commits_and_nothing_else_reaches_the_environment(
    operator: Operator,
    environment: str,
    pushed: tuple[tuple[str, ...], ...],
    others: tuple[str, ...],
) -> None:
    for name, *branches in pushed:
        operator.commit(name, *branches)
    operator.shell("git fetch --quiet && git checkout --quiet --detach origin/main")
    before = operator.shell(f"git rev-parse origin/{BRANCHES[environment]}")
    operator.follow(environment)
    operator.guard(environment, CENTRAL)
    assert operator.shell("git rev-parse HEAD^@") == before
    for other in others:
        operator.guard(other, WEST)
    changed = operator.shell(f"git diff --name-only {before} origin/{BRANCHES[environment]}")
    assert changed == f"environments/{environment}.yaml"


def test_nothing_is_changed_where_other_work_is_checked_out(operator: Operator) -> None:
    operator.shell("git commit --quiet --allow-empty -m mine")
    report = operator.activate("prod")
    assert operator.shell("git status --porcelain") == ""
    assert report.text().startswith(
        "Nothing is changed yet. prod accepts only commits that main and release"
    )
    pushed = (
        "HEAD:refs/heads/main activate-release/staging:refs/heads/release/staging"
        " activate-prod:refs/heads/prod"
    )
    name = "example-prod-pipeline-eu-central-1"
    assert report.commands == (
        "git fetch origin",
        "git switch --detach origin/prod",
        "iot-dr pipeline activate --env prod --region eu-central-1",
        'git commit -m "Roll prod out from eu-central-1" environments/prod.yaml',
        "git branch --force activate-prod",
        "git switch --detach origin/release/staging",
        "git merge --no-edit activate-prod",
        "git branch --force activate-release/staging",
        "git switch --detach origin/main",
        "git merge --no-edit activate-release/staging",
        f"git push --atomic origin {pushed}",
        f"aws codepipeline start-pipeline-execution --region {CENTRAL} --name {name}",
    )


def test_a_branch_that_moves_before_the_push_leaves_all_branches_unchanged(
    operator: Operator,
) -> None:
    asked = "git ls-remote origin main prod"
    before = operator.shell(asked)

    def before_the_push() -> None:
        made = operator.shell("git rev-parse HEAD")
        operator.commit("concurrent", "release/staging")
        operator.shell(f"git checkout --quiet --detach {made}")

    with pytest.raises(AssertionError, match="rejected"):
        operator.follow("prod", before_the_push)
    assert operator.shell(asked) == before


def test_a_merge_that_the_branch_before_lacks_is_reported_as_one(operator: Operator) -> None:
    operator.commit("here", "release/staging")
    operator.commit("there", "main")
    operator.shell("git checkout --quiet --detach origin/release/staging")
    operator.shell("git merge --quiet --no-edit origin/main")
    operator.shell("git push --quiet origin HEAD:release/staging")
    with pytest.raises(NotPermittedHereError) as refused:
        operator.guard("staging", WEST)
    assert str(refused.value).partition(" is a ")[2] == (
        "merge that is not on main, the branch of dev, which staging is promoted from; merge it"
        " into main too and push that; what main holds is promoted without a merge, by `git push"
        " origin origin/main:refs/heads/release/staging`. Then start a new execution"
    )
