"""Properties of the loader for random input."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments import document
from environments.errors import SettingsError, dotted
from environments.loader import load, names, parse
from environments.regions import IOT_REGIONS, nearest
from tests.environments.files import VALID, mistakes, with_line

DATA: dict[str, Any] = document.read(VALID.encode(), "dev.yaml").data
BLOCKS = {"zone", "endpoint", "health", "state"}
PATHS = [(key,) for key in DATA] + [(key, inner) for key in BLOCKS for inner in DATA[key]]
# What JSON writes as one escape: beyond it takes two, which YAML does not read.
TEXT = st.text(st.characters(max_codepoint=0xFFFF, exclude_categories=["Cs"]), max_size=80)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT | st.sampled_from(IOT_REGIONS),
    lambda inner: st.lists(inner, max_size=6) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
ASCII_DNS = st.text(alphabet="abz019-.A_é", max_size=70)


@given(st.sampled_from(PATHS), VALUES)
def test_any_single_change_of_a_valid_file_loads_or_is_refused_in_words(
    path: tuple[str, ...], value: object
) -> None:
    data = copy.deepcopy(DATA)
    *block, key = path
    (data[block[0]] if block else data)[key] = value
    # JSON is YAML, and its quotes keep every text a text.
    for mistake in mistakes(json.dumps(data)):
        assert mistake.file == "environments/dev.yaml"
        # Other regions than before may leave home, or the primary, without a place among them.
        assert mistake.key.startswith(path[0]) or (
            path == ("regions",) and mistake.key in {"home_region", "primary_region"}
        )


@given(st.sampled_from(sorted(DATA)), TEXT.filter(lambda key: key not in DATA))
def test_any_key_that_is_renamed_is_reported_as_unknown(old: str, new: str) -> None:
    data = copy.deepcopy(DATA)
    data[new] = data.pop(old)
    assert dotted((new,)) in [mistake.key for mistake in mistakes(json.dumps(data))]


@given(st.binary() | st.binary().map(lambda end: VALID.encode() + end))
def test_random_bytes_never_crash_the_loader(content: bytes) -> None:
    assert mistakes(content) or parse(content, "dev").environment == "dev"


@given(st.text(alphabet="a:{}[]&*!|>-'\"#?,~%@\n \t<0", max_size=60))
def test_random_yaml_characters_never_crash_the_loader(text: str) -> None:
    assert mistakes(text)


@given(ASCII_DNS)
def test_a_label_is_taken_exactly_when_dns_and_the_regional_name_allow_it(label: str) -> None:
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789")
    valid = (
        len(label) > 0
        and all(sign in letters or sign == "-" for sign in label)
        and not label.startswith("-")
        and not label.endswith("-")
        and all(len(f"{label}-{region}") <= 63 for region in IOT_REGIONS)
    )
    text = with_line(10, f"endpoint: {{label: {json.dumps(label)}}}")
    assert (mistakes(text) == ()) == valid


@given(st.lists(ASCII_DNS.filter(lambda part: "." not in part), max_size=4).map(".".join))
def test_a_domain_is_taken_exactly_when_dns_and_the_certificate_allow_it(domain: str) -> None:
    letters = set("abcdefghijklmnopqrstuvwxyz0123456789")
    labels = domain.split(".")
    valid = (
        len(labels) >= 2
        and len(f"*.iot-dev.{domain}") <= 64
        and all(1 <= len(label) <= 63 for label in labels)
        and all(sign in letters or sign == "-" for label in labels for sign in label)
        and not any(label.startswith("-") or label.endswith("-") for label in labels)
        and not labels[-1].isdigit()
    )
    assert (mistakes(with_line(3, f"domain: {json.dumps(domain)}")) == ()) == valid


@given(st.lists(st.sampled_from(IOT_REGIONS), max_size=7), st.data())
def test_regions_are_valid_if_two_to_five_differ_and_include_home_and_primary(
    regions: list[str], data: st.DataObject
) -> None:
    home = data.draw(st.sampled_from(regions or IOT_REGIONS))
    valid = 2 <= len(regions) <= 5 and len(set(regions)) == len(regions)
    text = with_line(8, f"regions: {json.dumps(regions)}").replace(
        "_region: eu-west-1", f"_region: {home}"
    )
    assert (mistakes(text) == ()) == valid
    if valid:
        settings = parse(text.encode(), "dev")
        assert sorted(settings.failover_order) == sorted(regions)
        assert [settings.role(region) for region in regions].count("primary") == 1
        assert all(len(settings.state_bucket(region)) <= 63 for region in regions)


@given(st.text().filter(lambda name: name not in names()))
def test_a_random_name_never_finds_an_environment(name: str) -> None:
    with pytest.raises(SettingsError, match=f"existing environments: {', '.join(names())}"):
        load(name, {})


@pytest.mark.parametrize(
    ("word", "region"), [("eu-west1", "eu-west-1"), ("eu-sentral-1", "eu-central-1"), ("EU", None)]
)
def test_the_nearest_region_is_suggested(word: str, region: str | None) -> None:
    assert nearest(word, IOT_REGIONS) == (f"did you mean {region!r}?" if region else "")
