"""Facts of one blob."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.localize import facts
from orchestrator.localize.facts import Import, read_facts
from orchestrator.localize.packing import arrange, pack, unpack
from tests.unit.localize.fakes import SHAPES


def _names(found: facts.FileFacts) -> list[str | None]:
    return [unit.definition.qualified_name if unit.definition else None for unit in found.units]


def test_every_function_is_a_unit_of_its_own() -> None:
    """Methods, functions, the rest of each class and the rest of the module share out the lines."""
    found = read_facts(SHAPES, "python", whole_file=False)
    expected = [None, "Circle", "Circle.__init__", "Circle.area", "Circle._squared_radius", "parse_shape"]
    assert _names(found) == expected
    by_name = dict(zip(expected, found.units, strict=True))
    assert by_name["parse_shape"].tokens["partition"] == 1
    assert "partition" not in by_name["Circle"].tokens
    assert by_name["Circle"].tokens["sides"] == 1
    assert by_name[None].tokens["areas"] == 1


def test_no_token_is_lost_or_counted_twice() -> None:
    """Units partition the file."""
    whole = read_facts(SHAPES, "python", whole_file=True).units[0].tokens
    total: dict[str, int] = {}
    for unit in read_facts(SHAPES, "python", whole_file=False).units:
        for word, times in unit.tokens.items():
            total[word] = total.get(word, 0) + times
    assert total == whole


def test_a_nested_function_belongs_to_the_outer_one() -> None:
    """Nested functions are no units: a patch to one is a patch to the outer."""
    found = read_facts(
        b"def outer():\n    def inner():\n        return token_x\n    return inner\n", "python", whole_file=False
    )
    assert _names(found) == [None, "outer"]
    assert found.units[1].tokens["token_x"] == 1


def test_imports_are_found_inside_blocks_too() -> None:
    """Relative levels and names are kept; imports in try and in functions count."""
    source = b"import a.b\ntry:\n    from ..c import d as e, f\nexcept ImportError:\n    import g\n"
    found = set(read_facts(source, "python", whole_file=False).imports)
    assert found == {Import("a.b"), Import("c", ("d", "f"), 2), Import("g")}


def test_old_syntax_is_read_by_line_patterns() -> None:
    """A Python 2 file still has its definitions and imports."""
    source = b"from a import b\nclass A(object):\n    def f(self):\n        print 'x'\n\n    def g(self):\n        pass\n\nX = 1\n"
    found = read_facts(source, "python", whole_file=False)
    assert found.read_by == "text"
    assert _names(found) == [None, "A", "A.f", "A.g"]
    assert [(u.definition.start_line, u.definition.end_line) for u in found.units if u.definition] == [
        (2, 7),
        (3, 4),
        (6, 7),
    ]
    assert found.imports == (Import("a", ("b",)),)


def test_another_language_is_read_by_line_patterns() -> None:
    """Go, JavaScript and kin get functions and classes."""
    source = b"package x\n\nfunc (s *Server) Listen(port int) {\n\tgo s.run(port)\n}\n\nfunc helper() {\n}\n"
    found = read_facts(source, "text", whole_file=False)
    assert _names(found) == [None, "Listen", "helper"]
    assert found.units[1].definition is not None
    assert (found.units[1].definition.start_line, found.units[1].definition.end_line) == (3, 5)


@pytest.mark.parametrize("data", [b"a\0b" * 10, b"x = 1\n" * 300_000], ids=["binary", "generated"])
def test_binary_and_huge_files_are_listed_but_not_read(data: bytes) -> None:
    """They keep one empty unit, so that their path can still be ranked."""
    found = read_facts(data, "python", whole_file=False)
    assert found.read_by == "nothing"
    assert found.units[0].tokens == {}


@given(st.binary(max_size=400))
def test_any_bytes_can_be_read_and_packed(data: bytes) -> None:
    """Nothing that a repository holds can stop the index."""
    for language in ("python", "text"):
        found = read_facts(data, language, whole_file=False)
        packed = unpack(pack(arrange(found)))
        assert packed.definitions == tuple(u.definition for u in found.units)
        counts = [{} for _ in found.units]
        for unit, token, count in zip(packed.unit, packed.token, packed.count, strict=True):
            counts[unit][packed.vocabulary[token]] = int(count)
        assert counts == [unit.tokens for unit in found.units]
        assert packed.imports == found.imports


def test_damaged_bytes_are_refused() -> None:
    """A torn entry is told from a good one."""
    payload = pack(arrange(read_facts(SHAPES, "python", whole_file=False)))
    for damaged in (b"", payload[:-5], b"x" + payload):
        with pytest.raises(ValueError, match="damaged"):
            unpack(damaged)


def test_a_deep_chain_of_branches_is_read_all_the_same() -> None:
    """A chain too deep to walk falls back to line patterns."""
    source = b"def f(x):\n    if x == 0:\n        pass\n" + b"".join(
        b"    elif x == %d:\n        pass\n" % n for n in range(2_000)
    )
    found = read_facts(source, "python", whole_file=False)
    assert _names(found) == [None, "f"]
