"""A version of the modules is handed out, once."""

from pathlib import Path

import pytest

from iot_dr.emit.changelog import DATA, current_version, releases
from tests.support.git import IDENTITY, git
from tools.release_modules import Git, ReleaseError, main, push, require_newest_tag

VERSION = current_version(releases(DATA))


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MODULES_TOKEN", raising=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """An empty repository that may be pushed to."""
    folder = tmp_path / "terraform-aws-modules.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch", "main", str(folder))
    return folder


def write_one(folder: Path) -> None:
    (folder / "main.tf").write_text("locals {}\n", encoding="utf-8")


def write_other(folder: Path) -> None:
    (folder / "main.tf").write_text("locals { a = 1 }\n", encoding="utf-8")
    (folder / "canary.zip").write_bytes(b"PK")


def pushed(repository: Path) -> list[str]:
    return git(repository, "for-each-ref", "--format=%(refname)").splitlines()


def test_the_first_version_is_the_first_commit_of_an_empty_repository(repository: Path) -> None:
    assert push(str(repository), VERSION, write_one) == f"v{VERSION}"
    assert pushed(repository) == ["refs/heads/main", f"refs/tags/v{VERSION}"]
    assert git(repository, "show", f"v{VERSION}:main.tf") == "locals {}\n"


@pytest.mark.exhaustive
def test_the_examples_of_a_version_call_the_modules_in_its_repository(repository: Path) -> None:
    assert main(["push", f"modules-v{VERSION}", str(repository)]) == 0
    readme = git(repository, "show", f"v{VERSION}:modules/canary/README.md")
    assert f'source = "git::{repository}//modules/canary?ref=v{VERSION}"' in readme
    assert "git.example.com" not in readme


@pytest.mark.parametrize("name", ["modules.git", "terraform-modules", "terraform-aws-"])
def test_a_repository_that_no_registry_takes_is_refused_before_anything_is_emitted(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["push", f"modules-v{VERSION}", f"https://git.example.com/{name}"]) != 0
    assert "expected terraform-aws-NAME" in capsys.readouterr().err


def test_a_later_version_follows_and_the_earlier_one_stays(repository: Path) -> None:
    push(str(repository), VERSION, write_one)
    push(str(repository), VERSION._replace(minor=VERSION.minor + 1), write_other)
    assert git(repository, "show", f"v{VERSION}:main.tf") == "locals {}\n"
    assert git(repository, "show", "main:main.tf") == "locals { a = 1 }\n"
    assert len(git(repository, "log", "--format=%h", "main").splitlines()) == 2


def test_what_the_repository_ignores_is_pushed_all_the_same(
    repository: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "--quiet", str(repository), "own")
    (tmp_path / "own" / ".gitignore").write_text("*.zip\n", encoding="utf-8")
    git(tmp_path / "own", "add", ".")
    git(tmp_path / "own", "commit", "--quiet", "-m", "own")
    git(tmp_path / "own", "push", "--quiet", "origin", "HEAD")
    push(str(repository), VERSION, write_other)
    assert {".gitignore", "canary.zip"} <= set(
        git(repository, "ls-tree", "--name-only", f"v{VERSION}").splitlines()
    )


def test_a_version_that_is_out_is_never_pushed_again(repository: Path) -> None:
    push(str(repository), VERSION, write_one)
    before = git(repository, "rev-parse", f"v{VERSION}", "main")
    with pytest.raises(ReleaseError, match=f"already has the tag v{VERSION}"):
        push(str(repository), VERSION, write_other)
    assert git(repository, "rev-parse", f"v{VERSION}", "main") == before


def test_neither_branch_nor_tag_is_pushed_over_what_somebody_pushed_concurrently(
    repository: Path, tmp_path: Path
) -> None:
    push(str(repository), VERSION, write_one)
    later = VERSION._replace(major=VERSION.major + 1)

    def write(folder: Path) -> None:
        git(tmp_path, "clone", "--quiet", str(repository), "other")
        write_other(tmp_path / "other")
        git(tmp_path / "other", "add", ".")
        git(tmp_path / "other", "commit", "--quiet", "-m", "concurrent")
        git(tmp_path / "other", "push", "--quiet", "origin", "HEAD")
        write_one(folder)

    with pytest.raises(ReleaseError, match=r"git push: .*rejected"):
        push(str(repository), later, write)
    assert f"refs/tags/v{later}" not in pushed(repository)
    assert git(repository, "show", "main:main.tf") == "locals { a = 1 }\n"


def test_a_repository_that_is_not_there_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["push", f"modules-v{VERSION}", str(tmp_path / "terraform-aws-none.git")]) == 1
    assert capsys.readouterr().err.startswith("error: git clone: fatal: repository")


@pytest.mark.parametrize("tag", ["modules-v0.0.1", f"v{VERSION}", f"modules-v{VERSION}\n", ""])
def test_a_tag_that_is_not_the_newest_versions_is_refused(
    tag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", tag]) == 1
    stderr = capsys.readouterr().err
    assert f"the newest version in iot_dr/emit/changelog.yaml is {VERSION}" in stderr
    assert len(stderr.splitlines()) == 1


def test_the_newest_versions_tag_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    assert require_newest_tag(f"modules-v{VERSION}") == VERSION
    assert main(["check", f"modules-v{VERSION}"]) == 0
    assert capsys.readouterr().out == f"modules-v{VERSION} is the tag of version {VERSION}\n"


@pytest.mark.parametrize(
    ("url", "is_given"),
    [
        ("https://git.example.com/modules.git", True),
        ("https://evil.example.com/modules.git", False),
        ("http://git.example.com/modules.git", False),
    ],
)
def test_the_token_is_for_the_named_host_alone_and_over_tls(
    url: str, is_given: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODULES_TOKEN", "ghs_secret")
    asking = Git(tmp_path, "https://git.example.com/modules.git")
    # What git does before it asks a host that wants to know who comes.
    asked = tmp_path / "asked"
    asked.write_text(f"url={url}\n\n", encoding="utf-8")
    git(tmp_path, "init", "--quiet", ".")
    git(tmp_path, "config", "alias.who", f"!git credential fill < {asked}")
    if is_given:
        assert "password=ghs_secret\n" in asking("who")
    else:
        with pytest.raises(ReleaseError) as refused:
            asking("who")
        assert "ghs_secret" not in str(refused.value)
