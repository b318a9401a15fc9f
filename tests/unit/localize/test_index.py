"""The index on disk."""

import multiprocessing
import sqlite3
from pathlib import Path

import pytest

from orchestrator.errors import RepositoryError
from orchestrator.localize.index import open_index
from orchestrator.protocols import CommitInfo, TreeEntry
from tests.unit.localize.fakes import SHOP, MemoryRepository, blob_id


def test_another_commit_costs_only_its_changed_blobs(tmp_path: Path) -> None:
    """Facts are kept by blob id: the second commit reads one blob, the same commit none."""
    index = open_index(tmp_path)
    first = MemoryRepository(SHOP)
    index.load(first)
    assert len(first.blobs_read) == len({p for p in SHOP if p.endswith(".py")})
    again = MemoryRepository(SHOP)
    open_index(tmp_path).load(again)
    assert again.blobs_read == []
    changed = SHOP | {"shop/basket.py": SHOP["shop/basket.py"] + b"\nLIMIT = 3\n"}
    second = MemoryRepository(changed, base_commit="d" * 40)
    index.load(second)
    assert second.blobs_read == [blob_id(changed["shop/basket.py"])]


def test_a_loaded_index_is_the_same_as_a_fresh_one(tmp_path: Path) -> None:
    """What comes from disk equals what was just parsed."""
    fresh = open_index(tmp_path).load(MemoryRepository(SHOP))
    stored = open_index(tmp_path).load(MemoryRepository(SHOP))
    assert fresh.vocabulary == stored.vocabulary
    assert fresh.sources.units == stored.sources.units
    assert fresh.sources.token.tolist() == stored.sources.token.tolist()


@pytest.mark.parametrize(
    ("line", "name"), [(1, None), (12, "Circle"), (17, "Circle.area"), (26, "parse_shape"), (999, None)]
)
def test_the_innermost_definition_around_a_line(tmp_path: Path, line: int, name: str | None) -> None:
    """A method before its class; the module where there is no other, and for a line that the file does not have."""
    index = open_index(tmp_path).load(MemoryRepository(SHOP))
    unit = index.unit_at("shop/shapes.py", line)
    assert unit is not None
    assert index.location(unit).qualified_name == name
    assert index.unit_at("shop/none.py", line) is None


def test_one_blob_as_source_and_as_test(tmp_path: Path) -> None:
    """The same content under two kinds of path is kept as both."""
    files = {"pkg/a.py": b"def f():\n    pass\n", "tests/test_a.py": b"def f():\n    pass\n"}
    loaded = open_index(tmp_path).load(MemoryRepository(files))
    assert [u.definition.qualified_name for u in loaded.sources.units if u.definition] == ["f"]
    assert len(loaded.tests.files) == 1


def test_symlinks_submodules_and_large_files_are_noted(tmp_path: Path) -> None:
    """They are not followed or read, and the notes say so; a large file keeps its path."""
    others = [
        TreeEntry("pkg/link.py", "120000", "a" * 40, 9),
        TreeEntry("pkg/module.py", "160000", "b" * 40),
        TreeEntry("pkg/generated.py", "100644", "d" * 40, 10_000_000),
    ]
    loaded = open_index(tmp_path).load(MemoryRepository(SHOP, others=others))
    paths = [f.path for f in loaded.sources.files]
    assert "pkg/generated.py" in paths
    assert "pkg/link.py" not in paths
    assert any("1 symlinks and 1 submodules" in note for note in loaded.notes)
    assert any("1 files are binary, larger than" in note for note in loaded.notes)


def test_a_blob_that_a_partial_clone_lacks_is_noted_and_tried_again(tmp_path: Path) -> None:
    """A missing blob keeps its path, and is read once it is there."""
    lacking = MemoryRepository(SHOP, absent=["shop/shapes.py"])
    loaded = open_index(tmp_path).load(lacking)
    assert loaded.sources.files[loaded.file_numbers["shop/shapes.py"]].read_by == "nothing"
    whole = open_index(tmp_path).load(MemoryRepository(SHOP))
    assert whole.sources.files[whole.file_numbers["shop/shapes.py"]].read_by == "ast"
    assert not any("not in this clone" in note for note in whole.notes)


def test_names_that_are_not_utf_8(tmp_path: Path) -> None:
    """A path with a stray byte is indexed like any other."""
    path = b"pkg/caf\xe9.py".decode("utf-8", "surrogateescape")
    loaded = open_index(tmp_path).load(MemoryRepository({path: b"def f():\n    pass\n"}))
    assert loaded.file_numbers == {path: 0}
    assert loaded.path_postings.lengths.tolist() != [0.0]


def test_no_python_and_no_source_are_noted(tmp_path: Path) -> None:
    """The notes say how definitions were found, or that there were none to find."""
    go = open_index(tmp_path).load(MemoryRepository({"main.go": b"func main() {\n}\n"}))
    assert any("no Python" in note for note in go.notes)
    assert [u.definition.qualified_name for u in go.sources.units if u.definition] == ["main"]
    empty = open_index(tmp_path).load(MemoryRepository({"README.md": b"x"}))
    assert any("no source file" in note for note in empty.notes)


def test_history_is_kept_by_commit_and_its_absence_noted(tmp_path: Path) -> None:
    """The same base_commit asks git for its history once."""
    commits = (CommitInfo("e" * 40, "Fix the basket", 5, ("shop/basket.py",)),)
    open_index(tmp_path).load(MemoryRepository(SHOP, commits=commits))
    stored = open_index(tmp_path).load(MemoryRepository(SHOP))
    assert stored.history == commits
    shallow = open_index(tmp_path / "other").load(MemoryRepository(SHOP))
    assert any("no history" in note for note in shallow.notes)


def test_a_damaged_index_is_set_aside(tmp_path: Path) -> None:
    """A torn file never stops a run: it is renamed and begun again."""
    path = open_index(tmp_path).path
    path.write_bytes(b"this is no database" * 100)
    loaded = open_index(tmp_path).load(MemoryRepository(SHOP))
    assert len(loaded.sources.files) == 4
    assert path.with_suffix(".damaged").exists()


def test_a_damaged_entry_is_read_again(tmp_path: Path) -> None:
    """One torn payload costs one blob."""
    index = open_index(tmp_path)
    index.load(MemoryRepository(SHOP))
    target = blob_id(SHOP["shop/shapes.py"])
    with sqlite3.connect(index.path) as connection:
        connection.execute("UPDATE facts SET payload = x'00' WHERE blob_id = ?", (target,))
    connection.close()
    again = MemoryRepository(SHOP)
    index.load(again)
    assert again.blobs_read == [target]


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    """The message names the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(RepositoryError, match="cannot be opened"):
        open_index(tmp_path / "file" / "cache")


def _fill(cache: str, start: int) -> None:
    files = {f"pkg/m{n}.py": f"def f{n}():\n    return {n}\n".encode() for n in range(start, start + 60)}
    open_index(Path(cache)).load(MemoryRepository(files, base_commit=f"{start:040d}"))


def test_two_processes_may_fill_it_at_once(tmp_path: Path) -> None:
    """Both finish, and every blob is there afterwards."""
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_fill, args=(str(tmp_path), start)) for start in (0, 30)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0]
    files = {f"pkg/m{n}.py": f"def f{n}():\n    return {n}\n".encode() for n in range(90)}
    repository = MemoryRepository(files)
    open_index(tmp_path).load(repository)
    assert repository.blobs_read == []


def test_a_history_without_paths_is_noted_and_not_kept(tmp_path: Path) -> None:
    """What a shallow clone cannot say is found once a full clone is asked about the same commit."""
    edge = CommitInfo("c" * 40, "all of it", 9, ())
    shallow = open_index(tmp_path).load(MemoryRepository(SHOP, commits=(edge,)))
    assert any("no history" in note for note in shallow.notes)
    full = CommitInfo("c" * 40, "all of it", 9, ("shop/shapes.py",))
    later = open_index(tmp_path).load(MemoryRepository(SHOP, commits=(full,)))
    assert not any("no history" in note for note in later.notes)
