"""Old names of JSON keys, kept for one version."""

import json

import pytest

from iot_dr.common.renamed_keys import with_old_keys

RENAMED = {
    # prose: allow told - an old key
    "switch": {"regions.reported_by": "told_by", "switches": "asked", "switches.after": "then"},
    "other": {},
}


def test_old_names_are_next_to_the_new_ones_at_their_path_only() -> None:
    document = {
        "reported_by": "kept",
        "regions": ({"reported_by": "probe"}, {"region": "eu-west-1"}),
        "switches": {"after": ["eu-west-1"]},
    }
    switches = {"after": ["eu-west-1"], "then": ["eu-west-1"]}
    with_both = {
        "reported_by": "kept",
        # prose: allow told - an old key
        "regions": [{"reported_by": "probe", "told_by": "probe"}, {"region": "eu-west-1"}],
        "switches": switches,
        "asked": switches,
    }
    before = json.dumps(document)
    assert with_old_keys("switch", document, RENAMED) == with_both
    assert json.dumps(document) == before
    assert with_old_keys("other", [document], RENAMED) == [json.loads(before)]


def test_a_command_without_renamed_keys_is_an_error() -> None:
    with pytest.raises(KeyError):
        with_old_keys("none", {}, RENAMED)
