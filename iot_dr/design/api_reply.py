"""What an HTTP API of API Gateway answers to a request.

Sources, below docs.aws.amazon.com/apigateway/latest/developerguide: http-api-develop-routes.html,
http-api-stages.html, http-api-throttling.html and http-api-troubleshooting-lambda.html. The
statuses of an API without a route, stage or default endpoint are assumed.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from operator import itemgetter
from typing import Final, Self

from iot_dr.design.policy import fits
from iot_dr.terraform_json.expression import literal, parts

DEFAULT: Final = "$default"
"""The stage whose paths have no prefix, and the route for all requests without another one."""

UNKNOWN_SOURCE: Final = "${unknown}"
"""A source of a function's permission that is not known."""

_VARIABLE: Final = re.compile(r"(\{[^{}]+\})")
# http-api-access-control.html: without credentials, IAM answers 403 and the other types 401.
_UNAUTHORIZED: Final = {"AWS_IAM": HTTPStatus.FORBIDDEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiStage:
    """A stage; `closing` is by route key the limit that is too low, empty if none is.

    A key that is not there has that of the key "".
    """

    address: str
    name: str
    closing: Mapping[str, str]

    def closing_limit(self, key: str) -> str:
        """Return the limit with which a stage admits too few requests, empty without one."""
        return self.closing.get(key, self.closing.get("", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRoute:
    """A route and its integration; `function` is the function's id, empty if it is not known.

    `sources` are patterns of `STAGE/METHOD/PATH` from which the function may be invoked. `problem`
    is why the integration never answers, empty if it may. `seconds` is its time limit.
    """

    key: str
    address: str
    function: str
    sources: tuple[str, ...]
    authorization: str = "NONE"
    problem: str = ""
    seconds: float = 30

    def may_invoke(self, stage: str, method: str) -> bool:
        """Whether the function's permissions may let the route invoke it.

        They may if the key is not known: a plan marks the secret path of ours as sensitive.
        """
        if " " not in self.key and self.key != DEFAULT:
            return bool(self.sources)
        source, *patterns = _without_expressions(self._source(stage, method), *self.sources)
        return any(fits(pattern, source) is not False for pattern in patterns)

    def _source(self, stage: str, method: str) -> str:
        """Return the end of the ARN with which API Gateway invokes the function.

        arn-format-reference.html. assumed: a route for any method has that of the request.
        """
        asked, is_route, path = self.key.partition(" ")
        if not is_route:
            return f"{stage}/{self.key}"
        return f"{stage}/{method if asked == 'ANY' else asked}{path}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiReply:
    """A status with the reason, or the function that answers: then the status is None."""

    status: HTTPStatus | None = None
    reason: str = ""
    route: ApiRoute | None = None
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApi:
    """An HTTP API; `problem` is why its default endpoint serves nothing, empty if it may.

    Not all routes are known if `is_known` is false. `unread` are sentences on arguments that may
    change answers, and are not read; `inferred` are addresses and arguments of which a plan does
    not have the expression.
    """

    address: str
    stages: tuple[ApiStage, ...]
    routes: tuple[ApiRoute, ...]
    problem: str = ""
    is_known: bool = True
    unread: tuple[str, ...] = ()
    inferred: tuple[tuple[str, str], ...] = ()

    def reply(self, method: str, path: str) -> ApiReply:
        """Return the answer to a request of a path without a query string."""
        if self.problem:
            return ApiReply(status=HTTPStatus.FORBIDDEN, reason=self.problem)
        if not self.stages:
            return _not_found(f"{self.address} has no stage")
        stage, path = next(self._stages(path), (None, path))
        if stage is None:
            return _not_found(f"no stage of {self.address} serves its path")
        route = self._route(method, path)
        if route is None:
            reason = f"no route of {self.address} serves its path" if self.is_known else ""
            return _not_found(reason)
        return _routed(stage, route, method)

    def with_values(self, value: Callable[[str], str]) -> Self:
        """Return the API with `value` of each text that may have expressions."""
        return replace(
            self,
            stages=tuple(
                replace(
                    stage,
                    name=value(stage.name),
                    closing={value(key): limit for key, limit in stage.closing.items()},
                )
                for stage in self.stages
            ),
            routes=tuple(
                replace(route, key=value(route.key), sources=tuple(map(value, route.sources)))
                for route in self.routes
            ),
        )

    def _stages(self, path: str) -> Iterator[tuple[ApiStage, str]]:
        """Yield the stages that may serve a path, each with the path below it, best first.

        A stage other than `$default` is the first segment of its paths.
        """
        for stage in self.stages:
            if stage.name != DEFAULT and f"{path}/".startswith(f"/{stage.name}/"):
                yield stage, path.removeprefix(f"/{stage.name}") or "/"
        for stage in self.stages:
            if stage.name == DEFAULT or literal(stage.name) is None:
                yield stage, path

    def _route(self, method: str, path: str) -> ApiRoute | None:
        """Return the most specific route that serves a path."""
        ranked = [(_rank(route.key, method, path), route) for route in self.routes]
        served = [(rank, route) for rank, route in ranked if rank is not None]
        return min(served, key=itemgetter(0))[1] if served else None


def _without_expressions(text: str, *others: str) -> list[str]:
    """Return texts with the expressions of the first one replaced, each by a word of its own.

    assumed: an unknown value in a path has no slash.
    """
    texts = [text, *others]
    for index, part in enumerate(parts(text)):
        if part.is_expression:
            texts = [each.replace(part.text, f"unknown-{index}") for each in texts]
    return texts


def _not_found(reason: str) -> ApiReply:
    return ApiReply(status=HTTPStatus.NOT_FOUND, reason=reason)


def _routed(stage: ApiStage, route: ApiRoute, method: str) -> ApiReply:
    reply = ApiReply(route=route, stage=stage.name)
    if route.authorization != "NONE":
        status = _UNAUTHORIZED.get(route.authorization, HTTPStatus.UNAUTHORIZED)
        reason = f"{route.address} wants an authorization ({route.authorization})"
        return replace(reply, status=status, reason=reason)
    if route.problem:
        return replace(reply, status=HTTPStatus.INTERNAL_SERVER_ERROR, reason=route.problem)
    if limit := stage.closing_limit(route.key):
        reason = f"{stage.address} admits too few requests of {route.address} ({limit})"
        return replace(reply, status=HTTPStatus.TOO_MANY_REQUESTS, reason=reason)
    if not route.may_invoke(stage.name, method):
        what = route.function.rpartition("/")[2] or "a function"
        reason = f"no permission lets API Gateway invoke {what}"
        return replace(reply, status=HTTPStatus.INTERNAL_SERVER_ERROR, reason=reason)
    return reply


def _rank(key: str, method: str, path: str) -> tuple[int, ...] | None:
    """Return how general a route is that answers a request; None if it does not.

    A key that is not known may be equal.
    """
    if " " not in key:
        return (3, 0, 0)
    served, _, pattern = key.partition(" ")
    if served not in {method, "ANY"}:
        return None
    is_any = int(served == "ANY")
    if pattern == path:
        return (0, 0, is_any)
    expression, variables, is_greedy = "", 0, 0
    for part in parts(pattern):
        if part.is_expression:
            expression += re.escape(part.text)
            continue
        for text in _VARIABLE.split(part.text):
            is_variable = text.startswith("{")
            variables += is_variable
            is_greedy |= text.endswith("+}")
            expression += _variable(text) if is_variable else re.escape(text)
    return (1 + is_greedy, variables, is_any) if re.fullmatch(expression, path) else None


def _variable(text: str) -> str:
    return ".*" if text.endswith("+}") else "[^/]+"
