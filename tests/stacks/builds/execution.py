"""Executions of a pipeline of dev: its builds, each on a machine of its own."""

import hashlib
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Final

from environments.settings import Settings
from stacks.pipeline_stack import buildspec
from stacks.platform_graph import platform_graph
from stacks.rollout import RolloutWaves, Wave
from tests.iot_dr.delivery.wave_world import WaveWorld
from tests.stacks.builds.codebuild import Build, Buildspec
from tests.support.command import ROOT
from tests.support.executable import executable
from tests.support.git import git
from tests.support.pipeline import standby_region
from tests.support.project import Project

SETTINGS: Final = "environments/dev.yaml"

_FILES: Final = ("Makefile", "pyproject.toml", "requirements.lock")
_HANDS_OVER: Final = {"state", "hosted-zone"}
_LINK: Final = "https://console.example.com/build/{}"


class Execution:
    """A repository, the sandbox in the place of AWS, and the artifacts of one execution."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.project = Project.copy(folder / "repository", "pipeline")
        for name in _FILES:
            shutil.copy(ROOT / name, self.project.folder)
        self._git("add", *_FILES)
        self._git("commit", "--quiet", "--no-verify", "--amend", "--no-edit")
        self._git("branch", "--move", "main")
        self.project.sandbox.parent.mkdir()
        self.builds = 0
        self.exported: dict[str, str] = {}
        self._make_installs_nothing()

    @property
    def settings(self) -> Settings:
        """The settings of `dev` as its file has them now."""
        return self.project.settings

    @property
    def region(self) -> str:
        """The region of the pipeline that is active."""
        pipeline = self.settings.pipeline
        assert pipeline
        return pipeline.active_region

    @property
    def standing(self) -> str:
        pipeline = self.settings.pipeline
        assert pipeline
        return standby_region(pipeline)

    @property
    def committed(self) -> set[str]:
        """The files of the newest commit."""
        listed = git(self.project.folder, "ls-tree", "-r", "--name-only", "-z", "HEAD")
        return set(listed.rstrip("\0").split("\0"))

    @property
    def regional(self) -> tuple[Wave, ...]:
        """The waves of the regions, the one that serves last."""
        waves = RolloutWaves(platform_graph(self.settings)).waves
        return tuple(wave for wave in waves if wave.serving)

    @property
    def before(self) -> tuple[Wave, ...]:
        """The waves that hand something over to the regions."""
        waves = RolloutWaves(platform_graph(self.settings)).waves
        return tuple(wave for wave in waves if {node.what for node in wave.nodes} <= _HANDS_OVER)

    def edit(self, old: str, new: str) -> None:
        """Commit a change of the settings."""
        self.project.edit(SETTINGS, old, new)
        self.project.commit()

    def bring_up(self, waves: tuple[Wave, ...]) -> None:
        """Apply waves without a pipeline; the repository must be the working directory."""
        world, chosen = WaveWorld(self.project.folder), self.settings.model_dump()
        for wave in waves:
            for name, done in world.apply(world.plan(wave.number, **chosen), **chosen).items():
                assert done.startswith("applied"), (name, done)

    def synth(self, region: str = "") -> Build:
        """Clone what is committed, as the source action does, and build it."""
        source = self._machine()
        git(self.folder, "clone", "--quiet", str(self.project.folder), str(source))
        git(source, "checkout", "--quiet", "--detach")
        return self._build("synth", source, {"AWS_REGION": region or self.region})

    def take_code(self) -> None:
        """Take what is committed for the artifact of a first build that went well."""
        target = self.artifact("Code")
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        code = target / "code.tar"
        self._git("archive", f"--output={code}", "HEAD")
        self.exported["CODE_SHA256"] = hashlib.sha256(code.read_bytes()).hexdigest()

    def plan(self, wave: Wave, stacks: str | None = None, region: str = "") -> Build:
        return self._wave("plan", wave, stacks, region)

    def apply(self, wave: Wave, stacks: str | None = None, region: str = "") -> Build:
        return self._wave("apply", wave, stacks, region)

    def verify(self, wave: Wave, stacks: str | None = None, region: str = "") -> Build:
        return self._wave("verify", wave, stacks, region)

    def artifact(self, name: str) -> Path:
        return self.folder / "artifacts" / name

    def _wave(self, kind: str, wave: Wave, stacks: str | None, region: str) -> Build:
        source = self._machine()
        shutil.copytree(self.artifact("Code"), source)
        variables = {
            **self.exported,
            "AWS_REGION": region or self.region,
            "WAVE": str(wave.number),
            "STACKS": " ".join(wave.names) if stacks is None else stacks,
        }
        if kind != "plan":
            plans = self.folder / f"input-{self.builds}"
            shutil.copytree(self.artifact(f"Plans{wave.number}"), plans)
            variables[f"CODEBUILD_SRC_DIR_Plans{wave.number}"] = str(plans)
        return self._build(kind, source, variables, f"Plans{wave.number}")

    def _build(
        self, kind: str, source: Path, variables: dict[str, str], output: str = "Code"
    ) -> Build:
        scratch = self.folder / f"scratch-{self.builds}"
        scratch.mkdir()
        spec = Buildspec.parse(buildspec(kind))
        own = {
            "ENV": "dev",
            # Where AWS would be.
            "PROVIDER": "standin",
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(source if kind == "synth" else source / "code"),
            "PATH": f"{self._programs}{os.pathsep}{os.environ['PATH']}",
            "AWS_DEFAULT_REGION": variables["AWS_REGION"],
            "CODEBUILD_BUILD_ID": f"dev-{kind}:{self.builds}",
            "CODEBUILD_BUILD_URL": _LINK.format(self.builds),
        }
        done = spec.run(source, scratch, {**own, **variables})
        if done.is_good and "artifacts" in spec.data:
            shutil.rmtree(self.artifact(output), ignore_errors=True)
            spec.artifact(source, self.artifact(output))
        self.exported |= done.exported
        return done

    def _machine(self) -> Path:
        self.builds += 1
        return self.folder / f"src-{self.builds}"

    def _git(self, *arguments: str) -> None:
        git(self.project.folder, *arguments)

    @property
    def _programs(self) -> Path:
        return self.folder / "programs"

    def _make_installs_nothing(self) -> None:
        """Let `make` find this Python's packages installed, and lead to the sandbox."""
        links = [*(Path(sys.prefix) / name for name in ("bin", "lib", "pyvenv.cfg"))]
        result = shutil.which("make")
        assert result
        executable(
            self._programs / "make",
            "#!/bin/sh\nset -e\nmkdir .venv\n"
            f"ln -s {shlex.join(map(str, links))} .venv\n"
            f"ln -s {shlex.quote(str(self.project.sandbox.parent))} .sandbox\n"
            f'touch .venv/.app-installed\nexec {shlex.quote(result)} "$@"\n',
        )
