from pathlib import Path

import pytest

from environments.errors import SettingsError
from environments.loader import load
from environments.settings import Settings
from iot_dr.delivery.pipeline.guard import NotPermittedHereError
from iot_dr.delivery.pipeline.promotion import (
    UnknownAncestryError,
    previous_environment,
    refuse_unpromoted,
)
from tests.iot_dr.delivery.pipeline.environment_files import write
from tests.support.git import git
from tests.support.refusal import refusal


class Repository:
    """A remote with the branches of dev and staging, and a clone of it as a build has one."""

    def __init__(self, folder: Path) -> None:
        self.remote, self.clone = folder / "remote", folder / "clone"
        self.remote.mkdir()
        git(self.remote, "init", "--quiet", "--initial-branch", "dev")
        self.commit("one")
        git(self.remote, "branch", "release/staging")
        git(folder, "clone", "--quiet", str(self.remote), str(self.clone))
        git(self.clone, "checkout", "--quiet", "--detach", "origin/release/staging")
        self.files = write_environments(self.clone)

    @property
    def staging(self) -> Settings:
        return load("staging", {}, self.files)

    def commit(self, words: str) -> str:
        git(self.remote, "commit", "--quiet", "--allow-empty", "--message", words)
        return git(self.remote, "rev-parse", "HEAD").strip()

    def take(self, branch: str) -> None:
        git(self.clone, "fetch", "--quiet", "origin", branch)
        git(self.clone, "checkout", "--quiet", "--detach", "FETCH_HEAD")

    def guard(self) -> None:
        refuse_unpromoted(self.staging, self.clone)


def write_environments(checkout: Path) -> Path:
    folder = checkout / "environments"
    write(folder, "dev", branch="dev")
    write(folder, "staging", branch="release/staging", promoted_from="dev")
    return folder


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def test_a_commit_that_the_branch_before_holds_is_taken_however_far_that_went_on(
    repository: Repository,
) -> None:
    assert refusal(repository.guard) == ""
    repository.commit("two")
    assert refusal(repository.guard) == ""


def test_a_commit_that_went_past_the_environment_before_is_refused(repository: Repository) -> None:
    git(repository.remote, "checkout", "--quiet", "release/staging")
    commit = repository.commit("past dev")
    repository.take("release/staging")
    with pytest.raises(NotPermittedHereError) as refused:
        repository.guard()
    assert str(refused.value) == (
        f"staging: commit {commit[:12]} is not on dev, the branch of dev, which staging is promoted"
        " from; bring it there first: merge it into dev, and push that. Then start a new execution"
    )


def test_what_the_remote_has_by_now_counts_and_not_what_the_clone_knew(
    repository: Repository,
) -> None:
    git(repository.remote, "checkout", "--quiet", "release/staging")
    repository.commit("past dev")
    repository.take("release/staging")
    assert "is not on dev" in refusal(repository.guard)
    git(repository.remote, "branch", "--force", "dev", "release/staging")
    assert refusal(repository.guard) == ""


def test_a_clone_without_its_history_refuses_nothing_for_good(repository: Repository) -> None:
    repository.commit("two")
    git(repository.remote, "branch", "--force", "release/staging", "HEAD~1")
    shallow = repository.clone.with_name("shallow")
    url = repository.remote.as_uri()
    git(
        repository.files,
        "clone",
        "--quiet",
        "--depth",
        "1",
        "--no-single-branch",
        url,
        str(shallow),
    )
    git(shallow, "checkout", "--quiet", "--detach", "origin/release/staging")
    write_environments(shallow)
    with pytest.raises(UnknownAncestryError, match="git fetch --unshallow"):
        refuse_unpromoted(repository.staging, shallow)


def test_a_tag_of_the_same_name_is_not_used_as_the_branch(repository: Repository) -> None:
    git(repository.remote, "checkout", "--quiet", "release/staging")
    repository.commit("past dev")
    git(repository.remote, "tag", "dev")
    repository.take("release/staging")
    with pytest.raises(NotPermittedHereError):
        repository.guard()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("remote", "remove", "origin"), "origin"),
        (("remote", "set-url", "origin", "gone"), "gone"),
        (("symbolic-ref", "HEAD", "refs/heads/none"), "HEAD"),
    ],
    ids=["no remote", "a remote that does not answer", "no commit"],
)
def test_an_error_of_git_is_reported_as_unknown(
    repository: Repository, command: tuple[str, ...], said: str
) -> None:
    git(repository.clone, *command)
    with pytest.raises(
        UnknownAncestryError, match=r"^staging: it is unknown whether dev"
    ) as unknown:
        repository.guard()
    assert said in str(unknown.value)
    assert str(unknown.value).isprintable()
    assert unknown.value.status == 1


def test_a_branch_that_is_not_there_is_reported(repository: Repository) -> None:
    git(repository.remote, "checkout", "--quiet", "release/staging")
    git(repository.remote, "branch", "--delete", "--force", "dev")
    said = (
        r"^staging: origin has no branch dev, which environments/dev\.yaml: pipeline\.branch names"
    )
    with pytest.raises(UnknownAncestryError, match=said):
        repository.guard()


def test_without_git_nothing_is_taken(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(repository.files))
    with pytest.raises(UnknownAncestryError, match="git is not installed"):
        repository.guard()


def test_the_first_environment_asks_nobody(repository: Repository) -> None:
    dev = load("dev", {}, repository.files)
    refuse_unpromoted(dev, repository.files / "no checkout")
    assert previous_environment(dev, repository.files) is None


def test_an_environment_before_whose_file_is_gone_is_reported(repository: Repository) -> None:
    staging = repository.staging
    (repository.files / "dev.yaml").unlink()
    with pytest.raises(SettingsError, match="'dev' is not an environment"):
        refuse_unpromoted(staging, repository.clone)
