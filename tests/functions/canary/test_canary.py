"""What the canary answers, and for how long it believes what it knows."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from functions.canary.canary import Canary
from functions.probe.result import Outcome, Result
from tests.functions.world import Log, Time

WELL = Result(Outcome.OK)


@dataclass
class World:
    """A canary whose probes have results that a test lays out, each taking 0.1 s."""

    time: Time
    log: Log
    canary: Canary

    def ask(self) -> tuple[int, str, float | None]:
        answer = self.canary.respond()
        body = json.loads(answer["body"])
        return answer["statusCode"], body["outcome"], body["age"]


def world(*results: Result | Exception, interval: float = 30) -> World:
    time, log = Time(), Log()
    to_come: Iterator[Result | Exception] = iter(results)

    def prober() -> Result:
        time.pass_(0.1)
        result = next(to_come)
        if isinstance(result, Exception):
            raise result
        return result

    return World(time, log, Canary(prober, interval, time.now, log.metrics()))


def test_a_message_that_went_through_is_answered_with_200_and_its_age() -> None:
    assert world(WELL).ask() == (200, "ok", 0.1)


def test_an_answer_has_the_shape_that_an_http_api_wants_and_is_never_cached() -> None:
    answer = world(WELL).canary.respond()
    assert answer["headers"] == {"content-type": "application/json", "cache-control": "no-store"}
    assert answer.keys() == {"statusCode", "headers", "body"}


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.SLOW, Outcome.EXPIRED])
def test_any_other_outcome_is_answered_with_503(outcome: Outcome) -> None:
    assert world(Result(outcome)).ask() == (503, outcome, 0.1)


def test_a_result_is_believed_for_5_s_and_then_probed_again() -> None:
    here = world(WELL, Result(Outcome.FAILED))
    here.ask()
    here.time.pass_(4.9)
    assert here.ask() == (200, "ok", 5.0)
    here.time.pass_(0.01)
    assert here.ask() == (503, "failed", 0.1)


def test_no_result_is_believed_for_longer_than_the_checks_interval() -> None:
    here = world(WELL, WELL, interval=3)
    here.ask()
    here.time.pass_(3)
    assert here.ask() == (200, "ok", 0.1)


def test_a_failure_is_believed_as_long_so_that_an_outage_is_not_stormed() -> None:
    here = world(Result(Outcome.SLOW), WELL)
    here.ask()
    here.time.pass_(4)
    assert here.ask() == (503, "slow", 4.1)
    here.time.pass_(1)
    assert here.ask()[:2] == (200, "ok")


def test_while_a_probe_hangs_the_last_result_is_expired_and_each_request_tries_again() -> None:
    here = world(WELL, Result(Outcome.EXPIRED), Result(Outcome.EXPIRED), WELL)
    here.ask()
    here.time.pass_(6)
    assert here.ask() == (503, "expired", 6.2)
    assert here.ask() == (503, "expired", 6.3)
    assert here.ask() == (200, "ok", 0.1)


def test_a_result_that_froze_until_it_was_too_old_is_expired() -> None:
    here = world(WELL)
    here.time.pass_(1)

    def frozen_and_then_well() -> Result:
        here.time.pass_(60)
        return WELL

    canary = Canary(frozen_and_then_well, 30, here.time.now, here.log.metrics())
    answer = canary.respond()
    assert (answer["statusCode"], json.loads(answer["body"])["outcome"]) == (503, "expired")


def test_an_unexpected_error_is_a_503_that_names_no_more_than_its_class() -> None:
    here = world(RuntimeError("can't start new thread: Authorization"), WELL)
    assert here.ask() == (503, "failed", None)
    assert here.log.lines[0]["cause"] == "RuntimeError"
    assert "Authorization" not in json.dumps(here.log.lines)
    assert here.ask()[:2] == (200, "ok")


def test_a_log_that_cannot_be_written_is_a_503_too_and_not_an_error() -> None:
    here = world(WELL)

    def full(_line: str) -> None:
        raise OSError

    metrics = here.log.metrics()
    object.__setattr__(metrics, "write", full)
    canary = Canary(lambda: WELL, 30, here.time.now, metrics)
    assert canary.respond()["statusCode"] == 503


def test_each_probe_and_not_each_answer_is_counted() -> None:
    here = world(WELL, Result(Outcome.FAILED, "HTTP 403"), Result(Outcome.EXPIRED))
    for pause in (0, 1, 1, 4, 6):
        here.time.pass_(pause)
        here.ask()
    assert here.log.outcomes() == ["ok", "failed", "expired"]
    assert here.log.values("Unhealthy") == [0, 1, 1]
    assert here.log.lines[1]["cause"] == "HTTP 403"
