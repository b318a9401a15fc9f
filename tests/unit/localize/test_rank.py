"""Ranking files and functions of a small package."""

from pathlib import Path

import pytest

from orchestrator.errors import SettingsError
from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import KINDS, read_clues
from orchestrator.localize.fusion import Weights, load_weights
from orchestrator.localize.index import open_index
from orchestrator.localize.rank import localize, plain_bm25
from orchestrator.localize.signals import exact_symbols
from orchestrator.protocols import CommitInfo
from orchestrator.records import CodeRun, ExecutedFunction, Execution, Location
from tests.unit.localize.fakes import SHOP, MemoryRepository


@pytest.fixture
def repository() -> MemoryRepository:
    """The shop with a little history."""
    commits = (
        CommitInfo(
            "a1" + "0" * 38, "Make the discount apply once (#41)", 9, ("shop/basket.py", "tests/test_basket.py")
        ),
        CommitInfo("b2" + "0" * 38, "Circles", 8, ("shop/shapes.py",)),
    )
    return MemoryRepository(SHOP, commits=commits)


@pytest.fixture
def index(repository: MemoryRepository, tmp_path: Path) -> RepositoryIndex:
    """Its index."""
    return open_index(tmp_path).load(repository)


@pytest.mark.parametrize(
    ("issue", "path", "name"),
    [
        ("total price is wrong with a discount rate", "shop/basket.py", "total_price"),
        ("parse_shape() says unknown kind of shape for upper case", "shop/shapes.py", "parse_shape"),
        ("The squared radius of a circle overflows", "shop/shapes.py", "Circle._squared_radius"),
        (
            'It fails\n\nTraceback (most recent call last):\n  File "/x/shop/basket.py", line 12, in add_shape\nTypeError: no\n',
            "shop/basket.py",
            "add_shape",
        ),
        ("Look at `shop.shapes.Circle.area`", "shop/shapes.py", "Circle.area"),
    ],
)
def test_the_place_that_an_issue_is_about_comes_first(
    index: RepositoryIndex, repository: MemoryRepository, issue: str, path: str, name: str
) -> None:
    """By words, by symbol, by traceback and by dotted name."""
    found = localize(index, repository, issue)
    assert found.files[0].location.path == path
    assert found.functions[0].location.qualified_name == name
    assert found.functions[0].location.path == path


def test_scores_are_chances_and_evidence_explains_them(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """Files sum to one, are in order, carry evidence; the confidence is the first file's chance."""
    found = localize(index, repository, "total price is wrong with a discount rate")
    scores = [f.score for f in found.files]
    assert sum(scores) == pytest.approx(1.0)
    assert scores == sorted(scores, reverse=True)
    assert found.confidence == scores[0]
    assert found.files[0].evidence
    assert all(0 < e.weight <= 1 and e.detail for e in found.files[0].evidence)


def test_tests_are_never_candidates(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """A test that says exactly what the issue says is still only evidence."""
    found = localize(index, repository, "test_parse_shape_circle fails in tests/test_shapes.py")
    assert all(not f.location.path.startswith("tests/") for f in (*found.files, *found.functions))


def test_history_points_at_files(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """A ticket number in the issue and in a past commit names that commit's files."""
    signals = index.past.mentioned("regression after #41")
    assert signals[index.file_numbers["shop/basket.py"]] > 0
    assert signals[index.file_numbers["shop/shapes.py"]] == 0


def test_execution_joins_the_ranking(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """What a failing reproduction ran rises, and rises less where neutral runs entered it too."""
    issue = "something is wrong here"
    ran = ExecutedFunction(Location("shop/shapes.py", "Circle.__init__", 15, 16))
    area = ExecutedFunction(Location("shop/shapes.py", "Circle.area", 18, 20))
    static = {f.location.path: f.score for f in localize(index, repository, issue).files}
    with_run = localize(index, repository, issue, executed=(ran, area))
    dynamic = {f.location.path: f.score for f in with_run.files}
    assert dynamic["shop/shapes.py"] > static["shop/shapes.py"]
    assert with_run.functions[0].location.qualified_name == "Circle.area"
    assert any("2 executed functions" in note for note in with_run.notes)
    run = CodeRun("statement", "Circle(1).area()", (0, 1))
    walked = Execution((ran.location, area.location), (0, 8), 16, (run,))
    both = localize(index, repository, issue, walked=walked)
    assert both.functions[0].location.qualified_name == "Circle.__init__"
    assert any("2 executed functions" in note for note in both.notes)
    told = {evidence.signal: evidence.detail for evidence in both.functions[0].evidence}
    assert told["ran"] == "entered by `Circle(1).area()`"


def test_an_execution_that_shows_nothing_changes_nothing(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """The ranking is that of the text alone, and says why."""
    static = localize(index, repository, "shape is wrong")
    found = localize(index, repository, "shape is wrong", walked=Execution(reason="the issue has no code"))
    assert (found.files, found.functions) == (static.files, static.functions)
    assert any("the issue has no code" in note for note in found.notes)


def test_an_option_names_what_it_is_called_after(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """`--total-price` speaks of `total_price`."""
    scores = exact_symbols(index, read_clues("It stops\n\nwith --total-price only"))
    named = [index.location(int(unit)).qualified_name for unit in scores.nonzero()[0]]
    assert named == ["total_price"]


def test_versions_are_shown_and_rank_nothing(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """The reader sees which versions the issue speaks of."""
    told, plain = (localize(index, repository, f"total price is wrong {since}") for since in ("since 3.11.2", ""))
    assert any("versions 3.11.2" in note for note in told.notes)
    assert [f.location for f in told.files] == [f.location for f in plain.files]


def test_what_the_named_function_hands_over_to_is_reached(tmp_path: Path) -> None:
    """Of two functions with the same words, the one that the named function calls comes before the other."""
    words = b'    """The ledger entry is written."""\n    return 1\n'
    files = {
        "a/one.py": b"def enter(x):\n" + words,
        "a/two.py": b"def write_entry(x):\n" + words,
        "a/api.py": b"from a.two import write_entry\n\n\ndef book_all(x):\n    return write_entry(x)\n",
    }
    shop = MemoryRepository(files)
    found = localize(open_index(tmp_path).load(shop), shop, "book_all() leaves the ledger entry unwritten")
    names = [f.location.qualified_name for f in found.functions]
    assert names.index("write_entry") < names.index("enter")
    called = next(f for f in found.functions if f.location.qualified_name == "write_entry")
    assert any(e.signal == "reached" and "book_all" in e.detail for e in called.evidence)


def test_ranking_twice_gives_the_same(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """Deterministic, ties included."""
    assert localize(index, repository, "shape") == localize(index, repository, "shape")


def test_an_empty_issue_ranks_nothing_and_says_so(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """Without words there is no ranking to make up."""
    found = localize(index, repository, "  \n")
    assert found.files == ()
    assert "the problem statement is empty" in found.notes


def test_an_issue_without_a_known_word_still_ranks(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """Files keep a stable order and no confidence is pretended."""
    found = localize(index, repository, "zzz qqq")
    assert len(found.files) == 4
    assert found.confidence < 0.6


def test_a_repository_without_sources(tmp_path: Path) -> None:
    """No file, no error, a note."""
    repository = MemoryRepository({"README.md": b"x"})
    found = localize(open_index(tmp_path).load(repository), repository, "anything")
    assert found.files == ()
    assert any("no source file" in note for note in found.notes)


def test_an_index_of_another_commit_is_noted(index: RepositoryIndex) -> None:
    """The ranking says that it is not of the commit asked for."""
    other = MemoryRepository(SHOP, base_commit="d" * 40)
    assert any("not of dddd" in note for note in localize(index, other, "shape").notes)


def test_plain_bm25_does_not_split_identifiers(index: RepositoryIndex) -> None:
    """The baseline matches whole words only."""
    assert plain_bm25(index, "squared radius").files[0].location.path == "shop/shapes.py"
    assert plain_bm25(index, "partition").files[0].location.path == "shop/shapes.py"
    assert plain_bm25(index, "squared").files == ()


def test_weights_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """The message names the file."""
    path = tmp_path / "weights.toml"
    path.write_text('[files]\n"x.rank" = "much"\n')
    with pytest.raises(SettingsError, match=r"weights\.toml"):
        load_weights(path)


def test_an_issue_is_ranked_by_the_weights_of_its_kinds(
    index: RepositoryIndex, repository: MemoryRepository, tmp_path: Path
) -> None:
    """What a kind adds decides between two files only where the issue is of that kind."""
    path = tmp_path / "weights.toml"
    path.write_text(
        '[provenance]\n[files]\n"path_text.share" = 1.0\n[functions]\n'
        '[files_by_kind.error]\n"path_text.share" = -1.0\n"module_mention.share" = 1.0\n'
    )

    def first(issue: str) -> str:
        return localize(index, repository, issue, weights_path=path).files[0].location.path

    issue = "the basket basket basket, see shop.shapes"
    assert first(issue) == "shop/basket.py"
    assert first(f"{issue}\nTypeError: no") == "shop/shapes.py"


def test_departures_add_to_the_weights_of_an_issue_of_no_kind() -> None:
    """Several kinds add up; a kind without weights changes nothing."""
    departures = {"error": {"a": -0.5, "b": 2.0}, "dotted": {"b": 1.0}}
    weights = Weights({"a": 1.0}, {"a": 2.0}, {}, files_by_kind=departures, functions_by_kind={"error": {"a": 3.0}})
    none, both = weights.for_issue(()), weights.for_issue(("error", "dotted", "other"))
    assert (none.files, none.functions) == ({"a": 1.0}, {"a": 2.0})
    assert (both.files, both.functions) == ({"a": 0.5, "b": 3.0}, {"a": 5.0})


def test_the_shipped_weights_say_where_they_come_from() -> None:
    """Provenance: rows with their hash, method and cross-validated figures."""
    weights = load_weights()
    assert set(weights.files_by_kind) == set(weights.functions_by_kind) == set(KINDS)
    provenance = weights.provenance
    assert {"rows", "rows_sha256", "method", "made_by", "cross_validated_all"} <= set(provenance)
