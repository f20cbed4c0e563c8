"""The checkers of an endpoint, against the documented rules in other words."""

from collections import Counter
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from iot_dr.drill.rig.dns.route53 import Votes, checker_region
from modules.checker_regions import CHECKER_REGIONS

CHECKERS = range(16)
ANSWERS = st.lists(st.tuples(st.sampled_from(CHECKERS), st.booleans()), max_size=300)


def says_healthy(answers: list[bool], threshold: int) -> bool:
    """Return the last answer that came so many times in a row; healthy where none ever did."""
    said = True
    for end in range(threshold, len(answers) + 1):
        in_a_row = answers[end - threshold : end]
        if len(set(in_a_row)) == 1:
            said = in_a_row[0]
    return said


def votes_of(answers: list[tuple[int, bool]], threshold: int) -> Votes:
    votes = Votes(threshold)
    for checker, is_well in answers:
        votes.observe(checker, is_well=is_well)
    return votes


@given(ANSWERS, st.integers(1, 10))
def test_an_endpoint_is_healthy_while_more_than_18_percent_of_its_checkers_say_so(
    answers: list[tuple[int, bool]], threshold: int
) -> None:
    own = [[is_well for who, is_well in answers if who == checker] for checker in CHECKERS]
    healthy = sum(says_healthy(each, threshold) for each in own)
    expected = Fraction(healthy, len(CHECKERS)) > Fraction(18, 100)
    assert votes_of(answers, threshold).is_healthy == expected


@given(ANSWERS, st.integers(1, 10), st.permutations(CHECKERS))
def test_it_does_not_matter_which_checker_says_what(
    answers: list[tuple[int, bool]], threshold: int, others: list[int]
) -> None:
    renamed = [(others[checker], is_well) for checker, is_well in answers]
    assert votes_of(renamed, threshold).is_healthy == votes_of(answers, threshold).is_healthy


def test_the_fourteenth_of_sixteen_tips_it_and_the_third_brings_it_back() -> None:
    votes = Votes(threshold=3)
    for checker in CHECKERS:
        for _ in range(3):
            assert votes.is_healthy == (checker < 14)
            votes.observe(checker, is_well=False)
    for number in range(3):
        assert not votes.is_healthy
        for _ in range(3):
            votes.observe(number, is_well=True)
    assert votes.is_healthy


def test_a_good_answer_between_makes_a_checker_count_again() -> None:
    answers = [False, False, True] * 50
    votes = votes_of([(checker, each) for checker in CHECKERS for each in answers], 3)
    assert votes.is_healthy


def test_two_checkers_stand_in_each_of_the_eight_regions() -> None:
    assert Counter(map(checker_region, CHECKERS)) == dict.fromkeys(CHECKER_REGIONS, 2)
    assert len(CHECKER_REGIONS) == 8
