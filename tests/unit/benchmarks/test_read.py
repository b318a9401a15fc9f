"""The forms that rows are stored in, and what is said of broken ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orchestrator.benchmarks import BenchmarkOptions, open_benchmark
from orchestrator.benchmarks.read import read_path
from orchestrator.errors import BenchmarkError
from tests.unit.benchmarks.examples import row

TWO = [row(), row(instance_id="psf__requests-2", hints_text="a\u2028b")]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    """A file with that text."""
    path.write_bytes(text.encode(encoding))
    return path


def test_json_jsonl_and_parquet_give_the_same_benchmark(tmp_path: Path) -> None:
    """The same rows have the same hash in every form, and each form records its own revision."""
    import pyarrow as pa
    from pyarrow import parquet

    write(tmp_path / "a.json", json.dumps(TWO))
    write(tmp_path / "b.jsonl", "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in TWO))
    parquet.write_table(pa.Table.from_pylist(TWO), tmp_path / "c.parquet")
    write(tmp_path / "d.json", json.dumps({one["instance_id"]: one for one in TWO}))
    opened = [open_benchmark(str(tmp_path / name)) for name in ("a.json", "b.jsonl", "c.parquet", "d.json")]
    assert len({benchmark.sha256 for benchmark in opened}) == 1
    assert len({benchmark.revision for benchmark in opened}) == 4
    assert all(benchmark.instance_ids() == ("psf__requests-1", "psf__requests-2") for benchmark in opened)


def test_another_row_is_another_hash(tmp_path: Path) -> None:
    """One changed character in one row changes the benchmark's hash."""
    one = open_benchmark(str(write(tmp_path / "a.json", json.dumps([row()])))).sha256
    other = open_benchmark(str(write(tmp_path / "b.json", json.dumps([row(hints_text="x")])))).sha256
    assert one != other


def test_a_byte_order_mark_is_no_part_of_the_first_row(tmp_path: Path) -> None:
    """Files saved by Windows tools load."""
    path = write(tmp_path / "a.jsonl", json.dumps(row()) + "\r\n", "utf-8-sig")
    assert open_benchmark(str(path)).instance_ids() == ("psf__requests-1",)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.jsonl", b'{"a": 1}\n{"a": \n', "line 2"),
        ("a.json", b"[1, 2", "not JSON"),
        ("a.json", b"7", "list of rows"),
        ("a.json", b"\xff\xfe[]", "UTF-8"),
        ("a.parquet", b"PAR1 garbage", "parquet"),
        ("a.csv", b"x", ".parquet"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    """The message has the file, and the line where there is one."""
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BenchmarkError, match=words) as caught:
        tuple(read_path(tmp_path / name).rows)
    assert name in str(caught.value)


def test_a_missing_path_and_an_unknown_name_say_what_is_possible(tmp_path: Path) -> None:
    """A typo in a path is not taken for a dataset's id, and an unknown word lists the known ones."""
    with pytest.raises(BenchmarkError, match="no benchmark file"):
        open_benchmark(str(tmp_path / "nothing.jsonl"))
    with pytest.raises(BenchmarkError, match="verified"):
        open_benchmark("lights")


def test_an_unknown_id_is_an_error_with_a_hint(tmp_path: Path) -> None:
    """The message shows ids of the same project."""
    benchmark = open_benchmark(str(write(tmp_path / "a.json", json.dumps(TWO))))
    with pytest.raises(BenchmarkError, match="psf__requests-1"):
        benchmark.task("psf__requests-99")


def test_a_task_repo_loads_with_its_hash(tmp_path: Path) -> None:
    """Folders in swebench's task repo form are read by swebench's own loader; a byte more is another revision."""
    make_task_repo(tmp_path)
    first = open_benchmark(str(tmp_path))
    assert first.task("psf__requests-1").image == "swebench/sweb.eval.x86_64.psf_1776_requests-1:latest"
    (tmp_path / "README.md").write_text("more")
    assert open_benchmark(str(tmp_path)).revision != first.revision


def test_a_task_repo_with_a_wrong_id_or_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The folder is named."""
    make_task_repo(tmp_path)
    (tmp_path / "tasks/psf__requests-1").rename(tmp_path / "tasks/psf__requests-7")
    with pytest.raises(BenchmarkError, match="psf__requests-7"):
        open_benchmark(str(tmp_path))
    (tmp_path / "tasks/psf__requests-7/eval.sh").unlink()
    with pytest.raises(BenchmarkError, match=r"eval\.sh"):
        open_benchmark(str(tmp_path))


def test_a_folder_of_parquet_files_is_read_by_split(tmp_path: Path) -> None:
    """What the hub's download tools leave: data/test-00000-of-00001.parquet."""
    import pyarrow as pa
    from pyarrow import parquet

    (tmp_path / "data").mkdir()
    parquet.write_table(pa.Table.from_pylist(TWO), tmp_path / "data/test-00000-of-00001.parquet")
    assert len(open_benchmark(str(tmp_path)).instance_ids()) == 2
    with pytest.raises(BenchmarkError, match=r"dev\*\.parquet"):
        open_benchmark(str(tmp_path), BenchmarkOptions(split="dev"))


def make_task_repo(root: Path) -> None:
    """A task repo of one instance."""
    import yaml
    from swebench.task.repo import AS_FILE

    columns = row()
    task = root / "tasks" / columns["instance_id"]
    task.mkdir(parents=True)
    tests = {name: json.loads(columns.pop(name)) for name in ("FAIL_TO_PASS", "PASS_TO_PASS")}
    (task / "tests.json").write_text(json.dumps(tests))
    for column, name in AS_FILE.items():
        (task / name).write_text(columns.pop(column))
    (task / "hints.md").write_text(columns.pop("hints_text"))
    (task / "task.yaml").write_text(yaml.safe_dump(columns | {"split": "test"}))
