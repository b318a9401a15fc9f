"""The context under a token budget."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestrator.errors import SettingsError
from orchestrator.localize.context import FIRST_BYTES, STRATEGIES, build_context
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.index import open_index
from orchestrator.records import Context, Localization, Location, RankedLocation
from tests.unit.localize.fakes import SHOP, MemoryRepository, count_tokens

RANKED = Localization(
    files=tuple(
        RankedLocation(Location(path), score)
        for path, score in (("shop/shapes.py", 0.6), ("shop/basket.py", 0.3), ("shop/errors.py", 0.1))
    ),
    functions=tuple(
        RankedLocation(Location(path, name), score)
        for path, name, score in (
            ("shop/shapes.py", "Circle.area", 0.4),
            ("shop/basket.py", "total_price", 0.2),
            ("shop/shapes.py", "parse_shape", 0.1),
            ("shop/basket.py", "add_shape", 0.1),
        )
    ),
    confidence=0.6,
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> RepositoryIndex:
    """Index of the shop."""
    return open_index(tmp_path_factory.mktemp("cache")).load(MemoryRepository(SHOP))


def build(index: RepositoryIndex, budget: int, strategy: str = "functions", widened: int = 0) -> Context:
    """A context for RANKED."""
    return build_context(
        index, MemoryRepository(SHOP), RANKED, problem_statement="area of a circle", budget_tokens=budget, strategy=strategy,
        widened=widened, count_tokens=count_tokens,
    )  # fmt: skip


def roles(context: Context) -> set[tuple[str, str | None]]:
    """What is shown, by role and name."""
    return {(e.role, e.location.qualified_name) for e in context.excerpts}


def test_a_target_comes_with_all_that_is_needed_to_rewrite_it(index: RepositoryIndex) -> None:
    """Function in full, class header, imports, callee, caller and a test as an example of use."""
    context = build(index, 2_000)
    assert context.targets[0].location.qualified_name == "Circle.area"
    shown = roles(context)
    assert {
        ("target", "Circle.area"),
        ("target", "total_price"),
        ("class_header", "Circle"),
        ("imports", None),
    } <= shown
    assert ("callee", "Circle._squared_radius") in shown
    assert ("test", "test_area") in shown
    assert any(e.text.startswith("    def area(self):\n") and "math.pi" in e.text for e in context.excerpts)


def test_callers_are_stubs(index: RepositoryIndex) -> None:
    """A caller shows its signature only."""
    ranked = Localization(RANKED.files, (RankedLocation(Location("shop/shapes.py", "parse_shape"), 1.0),), 0.6)
    context = build_context(
        index, MemoryRepository(SHOP), ranked, budget_tokens=1_000, strategy="with-imports", count_tokens=count_tokens
    )
    caller = next(e for e in context.excerpts if e.role == "caller")
    assert (caller.location.qualified_name, caller.text) == ("add_shape", "def add_shape(basket, text):\n")
    assert ("test", "test_parse_shape_circle") not in roles(context)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    budget=st.integers(0, 900),
    strategy=st.sampled_from(sorted(STRATEGIES)),
    widened=st.integers(0, 7),
    rate=st.integers(1, 9),
)
def test_never_over_budget_never_a_cut_line(
    index: RepositoryIndex, budget: int, strategy: str, widened: int, rate: int
) -> None:
    """For every budget, strategy and tokenizer: within budget, whole lines as they are in the tree, nothing shown twice."""

    def counted(text: str) -> int:
        return -(-len(text) // rate)

    context = build_context(
        index,
        MemoryRepository(SHOP),
        RANKED,
        budget_tokens=budget,
        strategy=strategy,
        widened=widened,
        count_tokens=counted,
    )
    assert sum(counted(e.text) for e in context.excerpts) <= context.tokens <= budget
    seen: set[tuple[str, int]] = set()
    for excerpt in context.excerpts:
        place = excerpt.location
        lines = SHOP[place.path].decode().split("\n")
        assert excerpt.text == "\n".join(lines[place.start_line - 1 : place.end_line]) + "\n"
        covered = {(place.path, n) for n in range(place.start_line, place.end_line + 1)}
        assert not covered & seen
        seen |= covered
    if not context.targets:
        assert context.notes


def test_targets_are_shown_in_full(index: RepositoryIndex) -> None:
    """Every target's last line is in an excerpt, and the first target is the most suspicious one that fits."""
    context = build(index, 120)
    assert context.targets
    for target in context.targets:
        name = (target.location.qualified_name or "").rpartition(".")[2]
        assert any(f"def {name}(" in e.text and e.role == "target" for e in context.excerpts)


def test_next_function_moves_on(index: RepositoryIndex) -> None:
    """Each widening makes the next function the first target."""
    firsts = [build(index, 2_000, "next-function", n).targets[0].location.qualified_name for n in range(3)]
    assert firsts == ["Circle.area", "total_price", "parse_shape"]


def test_next_file_moves_on_and_comes_round(index: RepositoryIndex) -> None:
    """Targets are of the next file only; after the last file comes the first."""
    assert {t.location.path for t in build(index, 2_000, "next-file", 1).targets} == {"shop/basket.py"}
    assert {t.location.path for t in build(index, 2_000, "next-file", 3).targets} == {"shop/shapes.py"}


def test_whole_file_where_it_fits(index: RepositoryIndex) -> None:
    """The file is shown entire and its functions are targets; where it does not fit, functions are shown and that is noted."""
    context = build(index, 2_000, "whole-file")
    assert context.excerpts[0].text.encode() == SHOP["shop/shapes.py"]
    assert {t.location.qualified_name for t in context.targets} == {"Circle.area", "parse_shape"}
    small = build(index, 100, "whole-file")
    assert any("larger than the budget" in note for note in small.notes)
    assert {e.role for e in small.excerpts} <= {"target", "test"}
    assert small.targets


def test_first_bytes_is_the_beginning_of_the_first_file(index: RepositoryIndex) -> None:
    """The 5,000 byte baseline: whole lines from the top of a file, no more than 5,000 bytes."""
    long = SHOP | {"shop/shapes.py": SHOP["shop/shapes.py"] * 20}
    context = build_context(
        index, MemoryRepository(long), RANKED, budget_tokens=9_000, strategy="first-bytes", count_tokens=count_tokens
    )
    text = context.excerpts[0].text.encode()
    assert len(context.excerpts) == 1
    assert long["shop/shapes.py"].startswith(text)
    assert FIRST_BYTES - 100 < len(text) <= FIRST_BYTES


def test_keyword_files_fill_the_budget_from_the_top(index: RepositoryIndex) -> None:
    """Files in rank order, each from its first line; only the last may be shown in part."""
    context = build(index, 300, "keyword-files")
    assert [e.location.path for e in context.excerpts] == ["shop/shapes.py", "shop/basket.py"]
    assert context.excerpts[0].text.encode() == SHOP["shop/shapes.py"]


def test_excerpts_keep_their_order_when_a_context_is_widened(index: RepositoryIndex) -> None:
    """The order is by file rank and line, so that a prompt's beginning can be reused."""
    before = [e.location for e in build(index, 2_000, "next-function", 0).excerpts]
    after = [e.location for e in build(index, 2_000, "next-function", 1).excerpts]
    shared = [place for place in before if place in after]
    assert shared == [place for place in after if place in before]
    assert len(shared) >= 6


def test_an_unknown_strategy_is_refused(index: RepositoryIndex) -> None:
    """The message lists the strategies."""
    with pytest.raises(SettingsError, match="first-bytes"):
        build(index, 100, "everything")


def test_a_file_that_does_not_parse_still_gives_a_target(tmp_path: Path) -> None:
    """Old syntax is cut by line patterns."""
    files = {"old.py": b"import os\n\ndef f(x):\n    print 'x', x\n\ndef g():\n    pass\n"}
    repository = MemoryRepository(files)
    index = open_index(tmp_path).load(repository)
    ranked = Localization(
        (RankedLocation(Location("old.py"), 1.0),), (RankedLocation(Location("old.py", "f"), 1.0),), 1.0
    )
    context = build_context(index, repository, ranked, budget_tokens=200, count_tokens=count_tokens)
    assert context.excerpts[0].text == "def f(x):\n    print 'x', x\n"


def test_carriage_returns_and_missing_last_newline_survive(tmp_path: Path) -> None:
    """Excerpts are the file's own text."""
    files = {"dos.py": b"def f():\r\n    return 1\r\n\r\ndef g():\r\n    return 2"}
    repository = MemoryRepository(files)
    index = open_index(tmp_path).load(repository)
    functions = tuple(RankedLocation(Location("dos.py", name), 0.5) for name in "fg")
    ranked = Localization((RankedLocation(Location("dos.py"), 1.0),), functions, 1.0)
    context = build_context(index, repository, ranked, budget_tokens=200, count_tokens=count_tokens)
    assert [e.text for e in context.excerpts] == ["def f():\r\n    return 1\r\n", "def g():\r\n    return 2"]
