"""A small server for the part of GitHub's REST API that the comment needs.

Forms and refusals: docs.github.com/en/rest/issues/comments, .../using-the-rest-api/pagination.
"""

import json
import re
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "owner/project"
WORKFLOW_TOKEN = "ghs_ofTheWorkflow"
FORK_TOKEN = "ghs_ofAFork"
USER_TOKEN = "ghp_ofAUser"
APP_TOKEN = "ghs_ofAnApp"
BOT = "github-actions[bot]"
USER = "an-engineer"
APP = "some-app[bot]"
LONGEST_BODY = 65_536

_NOT_ACCESSIBLE = {"message": "Resource not accessible by integration", "status": "403"}
_LOGINS = {WORKFLOW_TOKEN: BOT, FORK_TOKEN: BOT, USER_TOKEN: USER, APP_TOKEN: APP}
_NOT_FOUND = {"message": "Not Found", "status": "404"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A reply instead of the answer, once; `status` None closes the connection.

    `is_done` executes the request first. `is_slow` answers when the server ends.
    """

    method: str
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: Any = None
    is_done: bool = False
    is_slow: bool = False
    of_path: str = ""
    reason: str | None = None


@dataclass(frozen=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass
class GitHub:
    """The server's state: comments on one pull request, runs of workflows, and its faults."""

    number: int = 12
    per_page: int = 100
    is_locked: bool = False
    has_graphql: bool = True
    comments: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    runs: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    faults: list[Fault] = field(default_factory=list[Fault])
    asked: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    url: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def add(self, login: str, body: str) -> int:
        """Add a comment by a user."""
        number = 1000 + len(self.asked) + len(self.comments) * 7
        url = f"https://github.test/{REPOSITORY}/pull/{self.number}#issuecomment-{number}"
        self.comments.append(
            {"id": number, "html_url": url, "body": body, "user": {"login": login}}
        )
        return number

    def bodies(self, login: str = BOT) -> list[str]:
        """Return the texts of a user's comments."""
        return [each["body"] for each in self.comments if each["user"]["login"] == login]

    def variables(self, token: str = WORKFLOW_TOKEN) -> dict[str, str]:
        """Return the variables of a workflow's step."""
        return {
            "GITHUB_API_URL": self.url,
            "GITHUB_TOKEN": token,
            "GITHUB_REPOSITORY": REPOSITORY,
            "GITHUB_REF": f"refs/pull/{self.number}/merge",
            "GITHUB_EVENT_PATH": "",
            "GITHUB_STEP_SUMMARY": "",
            "NO_PROXY": "127.0.0.1",
        }

    def answer(self, method: str, target: str, token: str, body: Any) -> Answer:
        """Answer a request without a fault."""
        login = _LOGINS.get(token)
        if login is None:
            return Answer(401, {"message": "Bad credentials", "status": "401"})
        parts = urlsplit(target)
        if parts.path in {"/user", "/graphql"}:
            return self._who(parts.path, login)
        inside = parts.path.removeprefix(f"/repos/{REPOSITORY}")
        if inside == parts.path:
            return Answer(404, _NOT_FOUND)
        if method == "GET":
            return self._read(inside, parse_qs(parts.query))
        if token == FORK_TOKEN:
            return Answer(403, _NOT_ACCESSIBLE)
        return self._write(method, inside, login, body)

    def _who(self, path: str, login: str) -> Answer:
        if path == "/user":
            return Answer(200, {"login": USER}) if login == USER else Answer(403, _NOT_ACCESSIBLE)
        if self.has_graphql:
            return Answer(200, {"data": {"viewer": {"login": login}}})
        return Answer(200, {"data": {"viewer": None}, "errors": [_NOT_ACCESSIBLE]})

    def _read(self, path: str, query: Mapping[str, list[str]]) -> Answer:
        if path == f"/issues/{self.number}/comments":
            return self._page(int(query.get("page", ["1"])[0]))
        if result := re.fullmatch(r"/commits/(\w+)/pulls", path):
            return Answer(200, self.pulls.get(result[1], []))
        if path == "/actions/workflows/plan.yml/runs":
            head = query["head_sha"][0]
            runs = [each for each in self.runs if each["head_sha"] == head]
            return Answer(200, {"total_count": len(runs), "workflow_runs": runs})
        return Answer(404, _NOT_FOUND)

    def _page(self, number: int) -> Answer:
        begin = (number - 1) * self.per_page
        page = self.comments[begin : begin + self.per_page]
        if begin + self.per_page >= len(self.comments):
            return Answer(200, page)
        path = f"/repos/{REPOSITORY}/issues/{self.number}/comments?page="
        link = f'<{self.url}{path}{number + 1}>; rel="next", <{self.url}{path}9>; rel="last"'
        return Answer(200, page, {"Link": link})

    def _write(self, method: str, path: str, login: str, body: Any) -> Answer:
        text: str = body["body"] if body else ""
        if len(text) > LONGEST_BODY:
            fault = f"Body is too long (maximum is {LONGEST_BODY} characters)"
            errors = [{"resource": "IssueComment", "code": "unprocessable", "message": fault}]
            return Answer(422, {"message": "Validation Failed", "errors": errors})
        if method == "POST" and path == f"/issues/{self.number}/comments":
            if self.is_locked:
                message = "Unable to create comment because issue is locked."
                return Answer(403, {"message": message})
            self.add(login, text)
            return Answer(201, self.comments[-1])
        results = [each for each in self.comments if path == f"/issues/comments/{each['id']}"]
        if not results:
            return Answer(404, _NOT_FOUND)
        if method == "DELETE":
            self.comments.remove(results[0])
            return Answer(204, None)
        results[0]["body"] = text
        return Answer(200, results[0])


@contextmanager
def github_api(github: GitHub) -> Generator[GitHub]:
    """Serve a state on a free port of this machine for a `with` block."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, github)) as server:
        server.daemon_threads = True
        github.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=partial(server.serve_forever, poll_interval=0.02))
        thread.start()
        try:
            yield github
        finally:
            github.ended.set()
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # An answer in one piece: two would wait for each other's acknowledgement.

    def __init__(self, github: GitHub, *arguments: Any) -> None:
        self.github = github
        super().__init__(*arguments)

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        self.github.asked.append((self.command, self.path))
        fault = self._fault()
        if fault is None or fault.is_done:
            answer = self.github.answer(self.command, self.path, token, body)
        else:
            answer = Answer(fault.status or 0, fault.body, fault.headers)
        if fault is not None and fault.is_slow:
            self.github.ended.wait()
        if fault is not None and (fault.status is None or fault.is_slow):
            self.close_connection = True
            return
        if fault is None:
            self._send(answer)
        else:
            self._send(Answer(fault.status or 0, fault.body, fault.headers), fault.reason)

    def _fault(self) -> Fault | None:
        for fault in self.github.faults:
            is_meant = fault.of_path in self.path if fault.of_path else self.path != "/graphql"
            if fault.method == self.command and is_meant:
                self.github.faults.remove(fault)
                return fault
        return None

    def _send(self, answer: Answer, reason: str | None = None) -> None:
        content = b"" if answer.body is None else json.dumps(answer.body).encode()
        self.send_response(answer.status, reason)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - http.server's names

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Log nothing."""
