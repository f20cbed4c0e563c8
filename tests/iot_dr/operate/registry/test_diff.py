"""Whether two regions hold the same."""

import sqlite3
import tracemalloc
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.registry.entity import Entity, Kind
from functions.registry.state import State, hash_of
from iot_dr.common.ledger_file import LedgerError
from iot_dr.common.user_error import UsageError
from iot_dr.operate.registry.diff import Comparison, Diff, DiffResult
from iot_dr.operate.registry.entity_reader import EntityReader
from iot_dr.operate.registry.ledger import LedgerEntry, ledger
from iot_dr.operate.registry.registry_errors import RegistryError
from tests.iot_dr.operate.registry.memory import BrokenError, MemoryRegistry
from tests.support.examples import examples

WEST, CENTRAL = "eu-west-1", "eu-central-1"
SUBJECT = {"command": "diff", "regions": f"{WEST} {CENTRAL}"}
ENTITIES = [
    *(Entity(Kind.THING_TYPE, f"type-{number}") for number in range(3)),
    *(Entity(Kind.THING, f"thing-{number}") for number in range(4)),
    *(Entity(Kind.SHADOW, f"thing-{number}//{half}") for number in range(3)
      for half in ("desired", "reported")),
]  # fmt: skip
STATES = st.dictionaries(
    st.sampled_from(ENTITIES), st.sampled_from([{"a": 1}, {"a": 2}, {"a": {"b": 1}}])
)


def readings(west: MemoryRegistry, central: MemoryRegistry) -> dict[str, EntityReader]:
    return {
        region: EntityReader(registry=registry, threads=1, sleep=lambda _seconds: None)
        for region, registry in ((WEST, west), (CENTRAL, central))
    }


def diff(
    west: MemoryRegistry, central: MemoryRegistry, path: Path | None = None, *, show: bool = False
) -> DiffResult:
    with ledger(path, SUBJECT) as book:
        return Diff(readings=readings(west, central), ledger=book, show=show).run()


def naive(
    kind: Kind, west: Mapping[Entity, State], central: Mapping[Entity, State]
) -> tuple[int, int, int, int]:
    one = {entity for entity in west if entity.kind is kind}
    other = {entity for entity in central if entity.kind is kind}
    same = {entity for entity in one & other if hash_of(west[entity]) == hash_of(central[entity])}
    return len(same), len((one & other) - same), len(one - other), len(other - one)


@settings(max_examples=examples(25))
@given(west=STATES, central=STATES)
def test_the_counts_are_those_of_comparing_sets(
    west: dict[Entity, State], central: dict[Entity, State]
) -> None:
    result = diff(MemoryRegistry(west), MemoryRegistry(central))
    for count in result.counts:
        results = (count.equal, count.different, count.only_first, count.only_second)
        assert results == naive(count.kind, west, central)
    assert result.is_equal == (west == central)
    differing = [
        key.key for key in west.keys() | central.keys() if west.get(key) != central.get(key)
    ]
    assert sorted(each.key for each in result.differences) == sorted(differing)


def test_a_difference_is_reported_by_its_fields_without_what_is_in_a_shadow() -> None:
    shadow, thing = Entity.parse("shadow/a//desired"), Entity.parse("thing/a")
    west = MemoryRegistry({shadow: {"document": {"pin": 1}}, thing: {"attributes": {"b": "1"}}})
    central = MemoryRegistry({shadow: {"document": {"pin": 2}}, thing: {"attributes": {"b": "2"}}})
    results = {each.key: each.fields for each in diff(west, central).differences}
    assert [field.path for field in results["thing/a"]] == ["attributes.b"]
    assert [field.path for field in results["shadow/a//desired"]] == ["document"]
    assert all(field.first is None for fields in results.values() for field in fields)


def test_values_are_shown_on_request_but_no_certificate() -> None:
    shadow, certificate = Entity.parse("shadow/a//desired"), Entity(Kind.CERTIFICATE, "a" * 64)
    west = MemoryRegistry({shadow: {"document": {"pin": "1\x1b"}}, certificate: {"pem": "SECRET"}})
    central = MemoryRegistry({shadow: {"document": {}}, certificate: {"pem": "OTHER"}})
    results = {each.key: each.fields[0] for each in diff(west, central, show=True).differences}
    assert (results[shadow.key].path, results[shadow.key].first) == ("document.pin", '"1\\u001b"')
    assert results[shadow.key].second == "missing"
    assert "SECRET" not in str(results)


def test_what_cannot_be_read_is_equal_to_nothing() -> None:
    thing = ENTITIES[3]
    bad = MemoryRegistry({thing: {"a": 1}}, unreadable=frozenset({thing}))
    result = diff(bad, bad)
    assert not result.is_equal
    assert [each.unreadable for each in result.counts if each.kind is Kind.THING] == [1]
    assert result.differences[0].where == f"unreadable in {WEST}: no JSON"


def test_a_busy_region_is_waited_for_and_one_that_stays_so_is_reported() -> None:
    states = {ENTITIES[3]: {"a": 1}}
    assert diff(MemoryRegistry(states, busy=3), MemoryRegistry(states)).is_equal
    with pytest.raises(RegistryError, match=f"{WEST}: throttled"):
        diff(MemoryRegistry(states, busy=100), MemoryRegistry(states))


@pytest.mark.parametrize("page", range(13))
def test_a_run_goes_on_after_an_interruption_at_any_page(tmp_path: Path, page: int) -> None:
    states = {entity: {"a": number} for number, entity in enumerate(ENTITIES)}
    changed = {**states, ENTITIES[4]: {"a": "changed"}}
    whole = diff(MemoryRegistry(states), MemoryRegistry(changed))
    path = tmp_path / "ledger"
    broken = MemoryRegistry(states, break_at=page)
    try:
        diff(broken, MemoryRegistry(changed), path)
    except BrokenError:
        assert page < 11
    with ledger(path, SUBJECT) as book:
        places = {kind: book.place(WEST, kind) for kind in Kind}
    again = MemoryRegistry(states)
    assert diff(again, MemoryRegistry(changed), path) == whole
    begun = dict(reversed(again.listed))
    assert begun == {kind: each.cursor for kind, each in places.items() if not each.is_done}
    assert path.stat().st_mode & 0o077 == 0


def test_a_cursor_that_aws_has_forgotten_begins_its_kind_again(tmp_path: Path) -> None:
    states = {entity: {"a": 1} for entity in ENTITIES}
    path = tmp_path / "ledger"
    with pytest.raises(BrokenError):
        diff(MemoryRegistry(states, break_at=8), MemoryRegistry(states), path)
    gone = {entity: state for entity, state in states.items() if entity != ENTITIES[0]}
    assert diff(MemoryRegistry(states, epoch="b"), MemoryRegistry(states), path).is_equal
    assert not diff(MemoryRegistry(gone), MemoryRegistry(states)).is_equal


def test_a_file_of_another_run_or_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with ledger(path, SUBJECT):
        pass
    with (
        pytest.raises(UsageError, match="belongs to another run"),
        ledger(path, {"command": "seed"}),
    ):
        pass
    other = tmp_path / "other"
    other.write_text("no database" * 200)
    with pytest.raises(LedgerError, match="other"), ledger(other, SUBJECT):
        pass


def test_a_database_of_another_program_is_refused_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "other"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE notes (text TEXT)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=r"other is .*another program"), ledger(path, SUBJECT):
        pass
    assert path.read_bytes() == before


def test_a_file_that_another_run_is_at_is_reported_as_such(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    with (
        ledger(path, SUBJECT),
        pytest.raises(LedgerError, match=r"ledger: .*another run"),
        ledger(path, SUBJECT),
    ):
        pass


def test_memory_does_not_grow_with_the_fleet() -> None:
    count = 20_000
    with ledger(None, SUBJECT) as book:
        peaks: list[int] = []
        tracemalloc.start()
        for end in (count // 10, count):
            tracemalloc.reset_peak()
            for region in (WEST, CENTRAL):
                rows = (
                    LedgerEntry(
                        f"thing/sensor-{number:07}", f"{number % 7 if region == WEST else 0:064}"
                    )
                    for number in range(end)
                )
                book.record_page(region, Kind.THING, rows, None)
            counts = Comparison(book, WEST, CENTRAL).counts()
            assert len(list(Comparison(book, WEST, CENTRAL).differing(20))) == 20
            peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert sum(each.equal + each.different for each in counts) == count
    assert peaks[1] < peaks[0] + 200_000


@pytest.mark.parametrize(("most", "different"), [(20, 5), (25, 0), (24, 5)])
def test_what_has_changed_during_the_reading_is_read_again(
    tmp_path: Path, most: int, different: int
) -> None:
    things = [Entity(Kind.THING, f"thing-{number}") for number in range(25)]
    west, late = ({thing: {"a": value} for thing in things} for value in (1, 2))
    with ledger(tmp_path / "ledger", SUBJECT) as book:
        former = readings(MemoryRegistry(west), MemoryRegistry(late))
        assert Diff(readings=former, ledger=book).run().differing == 25
        # Everything is in the ledger, as it was read; only differences are read again.
        current = readings(MemoryRegistry(west), MemoryRegistry(west))
        result = Diff(readings=current, ledger=book, most=most).run()
    assert result.differing - result.equal_by_now == different
