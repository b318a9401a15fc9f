"""Laws of the house: layers, quiet imports, sizes, docstrings."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "orchestrator"

# A module imports only from its own layer or from an earlier one.
LAYERS = (
    {"errors", "text", "clock", "masking", "scratch"},
    {"records", "protocols"},
    {"resources", "settings", "gate_rules", "prompts", "machine", "drawing", "journey", "ledger", "syntax", "diffs"}
    | {"memory", "tuning"},
    {"models", "sandbox", "repo"},
    {"localize", "edits", "benchmarks", "evaluate"},
    {"judge"},
    {"feedback"},
    {"steps"},
    {"loop"},
    {"ramp", "report", "series"},
    {"launch", "replay"},
    {"cli", "__main__"},
)


# Texts that run inside a sandbox, and data: no code of the program's own.
NOT_OURS = ("benchmarks/starter/", "judge/drivers/", "localize/tracer.py", "sandbox/pytest_recorder.py")


def modules() -> Iterator[tuple[str, Path]]:
    """Every module of the package with its room."""
    for path in sorted(PACKAGE.rglob("*.py")):
        relative = path.relative_to(PACKAGE)
        if not relative.as_posix().startswith(NOT_OURS) and relative.parts != ("__init__.py",):
            yield relative.parts[0].removesuffix(".py"), path


def imports(path: Path) -> Iterator[str]:
    """The rooms that a module imports from, inside functions too, but not for type checking only."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    typing_only = {
        id(node)
        for block in ast.walk(tree)
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING"
        for node in ast.walk(block)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in typing_only:
            parts = node.module.split(".")
            if parts[0] == "orchestrator" and len(parts) > 1:
                yield parts[1]
            elif node.module == "orchestrator":
                yield from (alias.name for alias in node.names if alias.name != "__version__")


def layer_of(room: str) -> int:
    """A room's place in the order."""
    return next(number for number, rooms in enumerate(LAYERS) if room in rooms)


def test_a_module_imports_only_from_its_left() -> None:
    """The layers of ARCHITECTURE.md hold, so that no change in an outer room can break an inner one."""
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {imported}"
        for room, path in modules()
        for imported in imports(path)
        if layer_of(imported) > layer_of(room)
    ]
    assert not wrong


QUIET = """
import importlib, os, pathlib, sys
heavy = {'docker', 'swebench', 'anthropic', 'ollama', 'scipy', 'statsmodels', 'pandas', 'matplotlib', 'bandit'}
real = os.environ

class Watched(dict):
    def __getitem__(self, key):
        if sys._getframe(1).f_code.co_filename.startswith(PACKAGE):
            sys.exit(f'reads {key} from the environment')
        return real[key]

    def get(self, key, default=None):
        if sys._getframe(1).f_code.co_filename.startswith(PACKAGE):
            sys.exit(f'reads {key} from the environment')
        return real.get(key, default)

os.environ = Watched(real)
pathlib.Path.mkdir = os.mkdir = os.makedirs = lambda *a, **k: sys.exit('makes a folder')
for name in NAMES:
    importlib.import_module(name)
loaded = heavy & {name.split('.')[0] for name in sys.modules}
sys.exit(f'loads {loaded}' if loaded else 0)
"""


def test_importing_does_nothing() -> None:
    """No module prints, makes a folder, reads the environment or loads a heavy library when it is imported."""
    names = [
        ".".join(("orchestrator", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        for _, path in modules()
        if path.name != "__main__.py"
    ]
    code = QUIET.replace("NAMES", repr(names)).replace("PACKAGE", repr(str(PACKAGE)))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_tenacity_is_imported_by_one_file() -> None:
    """Retries live in one place."""
    users = [path.name for _, path in modules() if "tenacity" in path.read_text(encoding="utf-8").split('"""', 2)[-1]]
    assert users == ["retry.py"]


def test_broad_excepts_live_in_two_places() -> None:
    """The command line's handler and the per-instance one in ramp.py."""
    found = []
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ExceptHandler):
                caught = ast.unparse(node.type) if node.type else "everything"
                reraises = bool(node.body) and isinstance(node.body[-1], ast.Raise)
                if caught in ("Exception", "BaseException", "everything") and not reraises:
                    found.append(path.relative_to(PACKAGE).as_posix())
    assert sorted(set(found)) == ["cli/__init__.py", "ramp.py"]


@pytest.mark.parametrize("limit", [300])
def test_no_file_is_too_long(limit: int) -> None:
    """A file past this asks for another design."""
    long = {
        p.relative_to(PACKAGE).as_posix(): n for _, p in modules() if (n := len(p.read_text().splitlines())) > limit
    }
    assert not long


def functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Every function of the package with where it is."""
    for _, path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{path.relative_to(PACKAGE)}:{node.lineno} {node.name}", node


def test_no_function_is_too_long() -> None:
    """A function past 60 lines asks for another design; flags with help texts of a command count as its docs."""
    long = [where for where, node in functions() if (node.end_lineno or 0) - node.body[0].lineno > 60]
    assert not long


def test_every_public_name_says_what_the_caller_must_know() -> None:
    """Public modules, classes and functions have a docstring."""
    silent = []
    for _, path in modules():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if path.name != "__init__.py" and not ast.get_docstring(tree):
            silent.append(str(path.relative_to(PACKAGE)))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                parts = [node, *(f for f in node.body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_"))]
            elif isinstance(node, ast.Module):
                parts = [f for f in node.body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_")]
            else:
                continue
            silent += [f"{path.relative_to(PACKAGE)}:{p.lineno} {p.name}" for p in parts if not ast.get_docstring(p)]
    assert not silent
