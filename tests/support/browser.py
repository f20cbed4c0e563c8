"""Debian's chromium, over its debugging pipe: the DevTools protocol, messages that end with NUL."""

import json
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

import pytest

CHROMIUM = shutil.which("chromium")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed: `apt-get install chromium`"
)


class Tab:
    """A page of a browser of this machine."""

    def __init__(self, requests: int, answers: BinaryIO) -> None:
        self._requests, self._answers = requests, answers
        self._numbers, self._session = count(1), ""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method of the DevTools protocol, and return its result."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._requests, json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == number:
                assert "error" not in answer, answer
                return answer["result"]

    def _message(self) -> bytes:
        text = b""
        while (octet := self._answers.read(1)) != b"\0":
            assert octet, "chromium has ended"
            text += octet
        return text

    def open(self, url: str, width: int, *, dark: bool = False) -> None:
        """Open a page at a width of CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=900,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.call("Page.navigate", url=url)

    def value(self, script: str) -> Any:
        """Return the value of an expression in the page, a promise's once it is kept."""
        answer = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def until(self, script: str) -> None:
        """Wait until an expression is true in the page."""
        for _ in range(100):
            if self.value(f"new Promise(done => setTimeout(() => done({script}), 100))"):
                return
        raise AssertionError(f"never: {script}")

    def screenshot(self, file: Path) -> None:
        """Write a picture of the whole page."""
        taken = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        file.write_bytes(b64decode(taken["data"]))


@contextmanager
def browser(folder: Path) -> Generator[Tab]:
    """Run chromium without a window for a `with` block."""
    requests, own_requests = os.pipe()
    own_answers, answers = os.pipe()
    command = [
        *(str(CHROMIUM), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-proxy-server"),
        *("--remote-debugging-pipe", f"--user-data-dir={folder / 'chromium'}"),
    ]
    # chromium reads from 3 and writes to 4.
    shell = f'exec "$0" "$@" 3<&{requests} 4>&{answers}'
    with subprocess.Popen(
        ["/bin/bash", "-c", shell, *command],
        pass_fds=(requests, answers),
        stderr=subprocess.DEVNULL,
    ) as process:
        os.close(requests)
        os.close(answers)
        try:
            with os.fdopen(own_answers, "rb") as read:
                yield Tab(own_requests, read)
        finally:
            process.kill()
            os.close(own_requests)
