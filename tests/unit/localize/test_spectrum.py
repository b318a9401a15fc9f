"""Traces and what they say."""

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from orchestrator.localize.index import open_index
from orchestrator.localize.spectrum import ochiai, spectrum_signals
from orchestrator.localize.tracing import tracer_source
from orchestrator.records import CodeRun, ExecutedFunction, Execution, Location
from tests.unit.localize.fakes import SHOP, MemoryRepository

SCRIPT = """
from shop.basket import add_shape
from shop.shapes import Circle
Circle(2).area()
add_shape([], "square:1")
"""


def _trace(
    tmp_path: Path, script: str, *options: str
) -> tuple[subprocess.CompletedProcess[str], tuple[ExecutedFunction, ...]]:
    root = tmp_path / "repo"
    for path, data in SHOP.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)
    (tmp_path / "tracer.py").write_text(tracer_source())
    (tmp_path / "script.py").write_text(script)
    out = tmp_path / "trace.json"
    command = [sys.executable, str(tmp_path / "tracer.py"), "--root", str(root), "--out", str(out), *options, "--"]
    done = subprocess.run(
        [*command, str(tmp_path / "script.py")],
        check=False, capture_output=True, text=True, cwd=tmp_path, timeout=60, env={"PYTHONPATH": str(root)},
    )  # fmt: skip
    rows = json.loads(out.read_bytes())["functions"] if out.exists() else []
    return done, tuple(ExecutedFunction(Location(*row[:4]), tuple(row[4]), row[5]) for row in rows)


def test_the_functions_on_the_way_to_the_symptom_are_named_symptom_last(tmp_path: Path) -> None:
    """Only the repository's own functions, with lines and calls; the raising function is the last."""
    done, functions = _trace(tmp_path, SCRIPT)
    assert done.returncode == 1
    assert "ShapeError: unknown kind of shape" in done.stderr
    names = [f.location.qualified_name for f in functions]
    assert names[-2:] == ["add_shape", "parse_shape"]
    assert set(names) == {"Circle.__init__", "Circle.area", "Circle._squared_radius", "add_shape", "parse_shape"}
    last = functions[-1]
    assert (last.location.path, last.location.start_line, last.location.end_line) == ("shop/shapes.py", 24, 29)
    assert 28 not in last.lines or 29 not in last.lines
    assert last.lines[0] >= 24


def test_the_exit_status_is_the_program_s_own(tmp_path: Path) -> None:
    """sys.exit goes through, and what ran before it is kept."""
    done, functions = _trace(tmp_path, "import sys\nfrom shop.shapes import Circle\nCircle(1)\nsys.exit(7)\n")
    assert done.returncode == 7
    assert [f.location.qualified_name for f in functions] == ["Circle.__init__"]


def test_calls_are_counted_and_nested_functions_named(tmp_path: Path) -> None:
    """Each entry counts, also of the 50 after lines are no longer followed; threads are followed."""
    script = "import threading\nfrom shop.shapes import Circle\nc = Circle(1)\n"
    script += "t = threading.Thread(target=lambda: [c.area() for _ in range(70)])\nt.start()\nt.join()\n"
    _, functions = _trace(tmp_path, script)
    assert {f.location.qualified_name: f.calls for f in functions}["Circle.area"] == 70


def test_a_busy_program_is_let_run_when_the_time_is_up(tmp_path: Path) -> None:
    """After `--seconds` nothing more is noted, and the trace says that it is not complete."""
    script = "from shop.shapes import Circle\nc = Circle(1)\nfor _ in range(2000): c.area()\nprint('done')\n"
    done, functions = _trace(tmp_path, script, "--seconds", "0")
    assert done.stdout == "done\n"
    assert not json.loads((tmp_path / "trace.json").read_bytes())["complete"]
    assert {f.location.qualified_name: f.calls for f in functions}["Circle.area"] < 2000


def test_the_number_of_functions_is_bounded(tmp_path: Path) -> None:
    """No more than `--functions` are kept."""
    _, functions = _trace(tmp_path, "from shop.shapes import Circle\nCircle(1).area()\n", "--functions", "2")
    assert len(functions) <= 2


def test_the_tracer_uses_only_syntax_of_python_3_6() -> None:
    """The oldest images run it: no newer syntax, and no `X | Y` or `list[X]`, which fail only when they are reached."""
    module = ast.parse(tracer_source(), feature_version=(3, 6))
    names = {
        node.value.id
        for node in ast.walk(module)
        if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)
    }
    assert not names & {"list", "dict", "set", "tuple"}
    notes = [n.annotation for n in ast.walk(module) if isinstance(n, ast.arg | ast.AnnAssign) and n.annotation]
    notes += [n.returns for n in ast.walk(module) if isinstance(n, ast.FunctionDef) and n.returns]
    assert not [node for note in notes for node in ast.walk(note) if isinstance(node, ast.BinOp)]
    imported = {a.name for n in ast.walk(module) if isinstance(n, ast.Import) for a in n.names}
    assert "orchestrator" not in imported


def _ran(path: str, name: str) -> ExecutedFunction:
    return ExecutedFunction(Location(path, name, 1, 2))


def test_ochiai_by_hand() -> None:
    """1 / sqrt(1 + passing runs that entered it)."""
    assert [ochiai(n) for n in (0, 3, 8)] == pytest.approx([1.0, 0.5, 1 / 3])


def _walked(*runs: tuple[str, ...], passed: tuple[int, ...] = (), kind: str = "statement") -> Execution:
    """An Execution over functions of the shop, each given as path::name."""
    names = list(dict.fromkeys(name for run in runs for name in run))
    places = tuple(Location(name.partition("::")[0], name.partition("::")[2], 1, 2) for name in names)
    entered = tuple(CodeRun(kind, "x", tuple(names.index(name) for name in run)) for run in runs)
    return Execution(places, passed or (0,) * len(places), 16, entered)


AREA, PARSE = "shop/shapes.py::Circle.area", "shop/shapes.py::parse_shape"


def _scores(
    tmp_path: Path, walked: Execution, executed: tuple[ExecutedFunction, ...] = ()
) -> dict[str, dict[str, float]]:
    """Signals by the name of the unit, without zeros."""
    index = open_index(tmp_path).load(MemoryRepository(SHOP))
    names = [u.definition.qualified_name if u.definition else "" for u in index.sources.units]
    signals = spectrum_signals(index, executed, walked)
    return {
        signal: {n: float(s) for n, s in zip(names, scores, strict=True) if s} for signal, scores in signals.items()
    }


def test_what_neutral_runs_enter_too_is_less_suspicious(tmp_path: Path) -> None:
    """A nested function counts for its outer one; unknown files are left out."""
    found = _scores(tmp_path, _walked((AREA, "gone.py::f", PARSE + ".inner"), passed=(1, 0, 0)))
    assert found["ran"] == {"Circle.area": 1.0, "parse_shape": 1.0}
    assert found["ran_alone"] == pytest.approx({"Circle.area": 0.5**0.5, "parse_shape": 1.0})
    assert not found["raised"]


def test_the_frames_of_the_reported_exception_stand_out(tmp_path: Path) -> None:
    """The deepest most; not where the issue does not name the exception."""
    walked = _walked((AREA, PARSE))
    (run,) = walked.runs
    for reported, expected in ((True, {"parse_shape": 1.0, "Circle.area": 1 / 1.3}), (False, {})):
        failing = replace(run, failed="ShapeError: no", frames=2, reported=reported)
        assert _scores(tmp_path, replace(walked, runs=(failing,)))["raised"] == pytest.approx(expected)


def test_an_import_says_nothing(tmp_path: Path) -> None:
    """Set-up is the project's own; then what an accepted reproduction ran through is all there is."""
    found = _scores(tmp_path, _walked((), kind="import"), (_ran("shop/shapes.py", "parse_shape"),))
    assert found["ran"] == {"parse_shape": 1.0}
    assert not _scores(tmp_path, _walked((AREA,), kind="import"))["ran"]
