"""Names and tags of an environment."""

from hypothesis import given
from hypothesis import strategies as st

from modules.context import Context

names = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)


def context(project: str = "example", environment: str = "dev") -> Context:
    return Context(project=project, environment=environment, region="eu-west-1", extra_tags={})


def test_a_short_name_is_project_environment_and_thing() -> None:
    assert context().name("canary") == "example-dev-canary"


@given(names, names, names, st.integers(20, 128))
def test_a_name_never_exceeds_its_limit(
    project: str, environment: str, thing: str, limit: int
) -> None:
    assert len(context(project, environment).name(thing, limit)) <= limit


@given(st.lists(names, min_size=2, max_size=2, unique=True), st.integers(20, 40))
def test_two_names_that_are_cut_stay_apart(things: list[str], limit: int) -> None:
    one, other = (context(project="a" * 40).name(thing, limit) for thing in things)
    assert one != other
