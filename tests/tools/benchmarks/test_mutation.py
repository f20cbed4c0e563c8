from pathlib import Path

import pytest

from tools.benchmarks.code_mutants import package_of
from tools.benchmarks.mutation import Mutation, MutationError, mutations

ROOT = Path(__file__).parents[3]
SOURCE = """LIMIT: int = 2


class Lamp:
    def light(self) -> int:
        return LIMIT

    def dim(self) -> int:
        return LIMIT - 1
"""


def mutation(at: str, old: str, new: str) -> Mutation:
    return Mutation(name="dark", at=at, old=old, new=new)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "house").mkdir()
    (tmp_path / "house" / "lamp.py").write_text(SOURCE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("mutation", mutations(), ids=lambda mutation: mutation.name)
def test_a_mutation_applies_to_the_code_as_it_is_and_has_tests(mutation: Mutation) -> None:
    file, text = mutation.applied(ROOT)
    assert text != file.read_text(encoding="utf-8")
    assert package_of(mutation.at)


@pytest.mark.parametrize(
    ("at", "old", "new", "line"),
    [
        ("house.lamp.Lamp.dim", "LIMIT", "0", "        return 0 - 1"),
        ("house.lamp.LIMIT", "2", "3", "LIMIT: int = 3"),
    ],
)
def test_a_mutation_changes_its_definition_alone(
    tree: Path, at: str, old: str, new: str, line: str
) -> None:
    file, text = mutation(at, old, new).applied(tree)
    before = SOURCE.splitlines()
    assert file == tree / "house" / "lamp.py"
    assert file.read_text(encoding="utf-8") == SOURCE
    assert [each for each in text.splitlines() if each not in before] == [line]
    assert len(text.splitlines()) == len(before)


@pytest.mark.parametrize(
    ("at", "old", "message"),
    [
        ("house.lamp.Lamp.light", "3", "dark: house.lamp.Lamp.light has '3' 0 times, not once"),
        ("house.lamp.Lamp", "LIMIT", "dark: house.lamp.Lamp has 'LIMIT' 2 times, not once"),
        ("house.lamp.Lamp.glow", "2", "dark: house/lamp.py does not define house.lamp.Lamp.glow"),
        ("house.stove.Stove", "2", "dark: no module defines house.stove.Stove"),
    ],
)
def test_a_mutation_that_applies_no_longer_is_refused_by_its_name(
    tree: Path, at: str, old: str, message: str
) -> None:
    with pytest.raises(MutationError) as refused:
        mutation(at, old, "1").applied(tree)
    assert str(refused.value) == message


def test_a_mutation_that_is_not_python_is_refused(tree: Path) -> None:
    with pytest.raises(MutationError, match="dark: '\\(' is not valid there"):
        mutation("house.lamp.LIMIT", "2", "(").applied(tree)
