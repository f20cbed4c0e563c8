"""The transcript of a run, as JSON and as one HTML page."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final, Literal

from iot_dr.acceptance.catalogue import STEPS
from iot_dr.acceptance.estimate import Estimate
from iot_dr.acceptance.journal import AcceptanceJournal, Attempt
from iot_dr.acceptance.step import Step
from iot_dr.acceptance.tools import RunTools
from iot_dr.common.html import Element, Node, document, element, head, style
from iot_dr.common.renamed_keys import with_old_keys
from iot_dr.common.whole_file import whole_file

# Also matches other accounts' ids, which AWS errors may contain, but no hexadecimal ids.
_ACCOUNT_ID: Final = re.compile(r"(?<![\da-f])\d{8}(?=\d{4}(?![\da-f]))")
_VERDICTS: Final = {"passed": "ok", "failed": "block", "not finished": "warn"}

Verdict = Literal["passed", "failed", "not finished"]


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """Transcript of a journal without keys and certificates; account ids are masked."""

    tools: RunTools
    journal: AcceptanceJournal
    estimate: Estimate
    remaining: tuple[str, ...]
    steps: tuple[Step, ...] = STEPS

    @property
    def verdict(self) -> Verdict:
        """The result of the run, or "not finished"."""
        if all(self.journal.done(step.name) for step in self.steps):
            return "passed"
        last = self.journal.attempts[-1] if self.journal.attempts else None
        return "failed" if last and last.outcome == "failed" else "not finished"

    def json(self) -> str:
        """Return the JSON form."""
        own, journal = self.tools.settings, self.journal
        content: dict[str, Any] = {
            "transcript": "iot-dr acceptance",
            "version": 1,
            "iot_dr": _version(),
            "backend": self.tools.backend,
            "environment": own.environment,
            "regions": list(own.failover_order),
            "device_name": own.device_name,
            "account": own.account_id,
            "masked": "account ids except their last four digits",
            "verdict": self.verdict,
            "began": _time(journal.began),
            "resumed": [_time(each) for each in journal.resumed],
            "estimate": {**asdict(self.estimate), "dollars": round(self.estimate.dollars, 2)},
            "steps": [self._step(step) for step in self.steps],
            "undone": journal.put_back,
            "remaining": list(self.remaining),
        }
        written = json.dumps(with_old_keys("acceptance", content), indent=2)
        return _ACCOUNT_ID.sub("********", written)

    def write(self) -> tuple[Path, Path]:
        """Write both forms to the run's folder; return their paths."""
        began = datetime.fromtimestamp(self.journal.began, UTC)
        stem = f"transcript-{began:%Y%m%dT%H%M%SZ}"
        files = (self.tools.folder / f"{stem}.json", self.tools.folder / f"{stem}.html")
        form = self.json()
        for file, text in zip(files, (form, _html(json.loads(form))), strict=True):
            with whole_file(file, 0o600) as written:
                written.write(text.encode())
        return files

    def _step(self, step: Step) -> dict[str, Any]:
        attempts = [attempt for attempt in self.journal.attempts if attempt.step == step.name]
        last = attempts[-1] if attempts else None
        return {
            "name": step.name,
            "action": step.action,
            "verifies": step.verifies,
            "outcome": last.outcome if last else "not begun",
            "seconds": _seconds(last),
            "evidence": last.evidence if last else {},
            "problem": last.problem if last else "",
            "attempts": [
                {
                    "began": _time(attempt.began),
                    "outcome": attempt.outcome,
                    "problem": attempt.problem,
                }
                for attempt in attempts
            ],
        }


@cache
def _version() -> str:
    # It reads the package's metadata, and a run writes its transcript some forty times.
    return version("iot-dr")


def _html(content: Mapping[str, Any]) -> str:
    """Return the HTML form of the content, without scripts or external resources."""
    title = f"Acceptance run of {content['environment']}: {content['verdict']}"
    body = element("body", element("main", *_main(content, title)))
    top = head(title, style())
    return "".join(document(element("html", top, body, lang="en")))


def _time(seconds: float) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _seconds(attempt: Attempt | None) -> int | None:
    if attempt is None or attempt.ended is None:
        return None
    return round(attempt.ended - attempt.began)


def _main(content: Mapping[str, Any], title: str) -> Iterator[Node]:
    yield element("h1", title)
    summary = f"{content['backend']}. Started {content['began']}, iot-dr {content['iot_dr']}."
    yield element("p", summary, class_=f"verdict {_VERDICTS[content['verdict']]}")
    facts = {
        "Device name": content["device_name"],
        "Regions": ", ".join(content["regions"]),
        "Account": content["account"],
        "Masked": content["masked"],
        "Resumed": ", ".join(content["resumed"]) or "never",
    }
    yield _list(f"{name}: {value}" for name, value in facts.items())
    for number, step in enumerate(content["steps"], 1):
        yield element("h2", f"{number}. {step['name']}: {step['outcome']}")
        took = "" if step["seconds"] is None else f" Took {step['seconds']} s."
        yield element("p", f"Action: {step['action']}. Verifies: {step['verifies']}.{took}")
        if step["problem"]:
            yield element("p", step["problem"], class_="verbatim")
        if step["evidence"]:
            yield _list(f"{name}: {value}" for name, value in step["evidence"].items())
        if len(step["attempts"]) > 1:
            tried = (f"{each['began']}: {each['outcome']}" for each in step["attempts"])
            yield _list(tried)
    for name, title_ in (("undone", "Undone after a failure"), ("remaining", "Remaining")):
        if content[name]:
            yield element("h2", title_)
            yield _list(content[name])


def _list(lines: Iterator[str] | list[str]) -> Element:
    return element("ul", *(element("li", line) for line in lines))
