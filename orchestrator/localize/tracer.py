# ruff: noqa: UP006, UP031, UP035, UP045, PTH100, PTH105, PTH109, PTH120, PTH123, RUF005, B905
"""Runs a Python program and writes which functions of a repository it executed. Placed in a sandbox, where it runs alone.

    python tracer.py --root /testbed --out /tmp/trace.json [--seconds 60] [--functions 4000] -- script.py [argument ...]
    python tracer.py --root /testbed --out /tmp/trace.json -- -m pytest tests/test_a.py

Needs nothing but Python 3.6 or later, and never changes the program's own exit status. From Python 3.12 on it listens with
`sys.monitoring` and stops listening at each line once it was hit; before, it uses `sys.settrace` and stops following
the lines of a function after LINES_FOLLOWED entries. After `--seconds` it stops listening altogether.

The file holds {"format": 1, "complete": bool, "functions": [[path, qualified name, first line, last line, [lines], calls]]},
in the order of last entry; the functions of an uncaught exception's traceback come last, the deepest at the very end.
"""

import ast
import atexit
import json
import os
import runpy
import sys
import threading
import time
from types import CodeType, FrameType
from typing import Any, Dict, List, Optional, Sequence, Set, Tuple

FORMAT = 1
LINES_FOLLOWED = 20
LINES_KEPT = 400
CALLS_KEPT = 1000000


Span = Tuple[str, int, int]
Failing = List[Tuple[CodeType, int]]


class Recorder:
    """Counts entries and lines per code object, for code whose file lies under `root`."""

    def __init__(self, root: str, seconds: float, most_functions: int) -> None:
        self.root = os.path.realpath(root) + os.sep
        self.deadline = time.monotonic() + seconds
        self.most_functions = most_functions
        self.paths: Dict[str, Optional[str]] = {__file__: None}
        self.spans: Dict[str, Sequence[Span]] = {}
        self.calls: Dict[CodeType, int] = {}
        self.last: Dict[CodeType, int] = {}
        self.lines: Dict[CodeType, Set[int]] = {}
        self.clock = 0
        self.complete = True
        self.stopped = False
        self.monitoring: Any = getattr(sys, "monitoring", None)
        self.tool = -1

    def path_of(self, filename: str) -> Optional[str]:
        """The path below the root, or None for code that is not the repository's."""
        if filename not in self.paths:
            full = os.path.realpath(filename)
            inside = full.startswith(self.root) and full.endswith(".py")
            relative = full[len(self.root) :] if inside else ""
            outside = not inside or "site-packages" in relative or relative.startswith((".", "build" + os.sep))
            self.paths[filename] = None if outside else relative.replace(os.sep, "/")
        return self.paths[filename]

    def enter(self, code: CodeType) -> bool:
        """Note an entry; False where the code is not of interest (any more)."""
        if self.stopped or self.path_of(code.co_filename) is None:
            return False
        count = self.calls.get(code, 0)
        if not count and len(self.calls) >= self.most_functions:
            self.complete = False
            return False
        self.clock += 1
        if self.clock % 256 == 0 and time.monotonic() > self.deadline:
            self.complete = False
            self.stop()
            return False
        self.calls[code] = min(count + 1, CALLS_KEPT)
        self.last[code] = self.clock
        return True

    def hit(self, code: CodeType, line: int) -> None:
        """Note a line."""
        lines = self.lines.setdefault(code, set())
        if len(lines) < LINES_KEPT:
            lines.add(line)

    def start(self) -> None:
        """Begin to listen, in all threads."""
        if self.monitoring is not None:
            self._start_monitoring()
            return
        threading.settrace(self._trace)
        sys.settrace(self._trace)

    def stop(self) -> None:
        """Stop listening; what was noted stays."""
        if self.stopped:
            return
        self.stopped = True
        if self.monitoring is not None:
            if self.monitoring.get_tool(self.tool):
                self.monitoring.set_events(self.tool, 0)
                self.monitoring.free_tool_id(self.tool)
        else:
            threading.settrace(None)
            sys.settrace(None)

    def _start_monitoring(self) -> None:
        monitoring = self.monitoring
        self.tool = next(i for i in (2, 3, 4, 5) if monitoring.get_tool(i) is None)
        monitoring.use_tool_id(self.tool, "ramp-tracer")

        def entered(code: CodeType, _offset: int) -> Any:
            wanted = self.enter(code)
            return None if wanted or self.paths.get(code.co_filename) else monitoring.DISABLE

        def line_hit(code: CodeType, line: int) -> Any:
            if not self.stopped and self.path_of(code.co_filename) is not None:
                self.hit(code, line)
            return monitoring.DISABLE

        monitoring.register_callback(self.tool, monitoring.events.PY_START, entered)
        monitoring.register_callback(self.tool, monitoring.events.LINE, line_hit)
        monitoring.set_events(self.tool, monitoring.events.PY_START | monitoring.events.LINE)

    def _trace(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event != "call" or not self.enter(frame.f_code):
            return None
        return self._trace_lines if self.calls[frame.f_code] <= LINES_FOLLOWED else None

    def _trace_lines(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line":
            self.hit(frame.f_code, frame.f_lineno)
        return None if self.stopped else self._trace_lines

    def functions(self, failing: Failing) -> List[List[Any]]:
        """Rows of the output; `failing` are (code, line) of the traceback, outermost first."""
        for code, line in failing:
            if self.path_of(code.co_filename) is not None:
                self.clock += 1
                self.calls.setdefault(code, 1)
                self.last[code] = self.clock
                self.lines.setdefault(code, set()).add(line)
        merged: Dict[Tuple[str, str, int, int], Tuple[Set[int], int]] = {}
        spans = self.spans
        for code in sorted(self.last, key=lambda each: self.last[each]):
            path = self.path_of(code.co_filename) or ""
            if path not in spans:
                spans[path] = definition_spans(code.co_filename)
            owner = enclosing(spans[path], code.co_firstlineno)
            if owner is None or code.co_name == "<module>":
                continue
            key = (path,) + owner
            lines, calls = merged.pop(key, (set(), 0))
            merged[key] = (lines | self.lines.get(code, set()), calls + self.calls[code])
        return [list(key) + [sorted(lines), calls] for key, (lines, calls) in merged.items()]


def definition_spans(filename: str) -> Sequence[Span]:
    """(qualified name, first line, last line) of every function in a file; () where it cannot be read."""
    try:
        with open(filename, "rb") as stream:
            tree = ast.parse(stream.read())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return ()
    found: List[Span] = []
    pending: List[Tuple[ast.AST, str]] = [(tree, "")]
    while pending:
        node, prefix = pending.pop()
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                if not isinstance(child, ast.ClassDef):
                    start = min([child.lineno] + [d.lineno for d in child.decorator_list])
                    end = getattr(child, "end_lineno", None)
                    end = end or max([getattr(n, "lineno", 0) for n in ast.walk(child)])
                    found.append((prefix + child.name, start, end))
                inner = prefix + child.name + "."
            pending.append((child, inner))
    return tuple(found)


def enclosing(spans: Sequence[Span], line: int) -> Optional[Span]:
    """The innermost function around a line, or None."""
    holding = [span for span in spans if span[1] <= line <= span[2]]
    return max(holding, key=lambda span: (span[1], -span[2])) if holding else None


def write_trace(recorder: Recorder, out: str, failing: Failing) -> None:
    """Write the result under a temporary name and rename it."""
    recorder.stop()
    body = {"format": FORMAT, "complete": recorder.complete, "functions": recorder.functions(failing)}
    temporary = "%s.%d" % (out, os.getpid())
    with open(temporary, "w") as stream:
        json.dump(body, stream, separators=(",", ":"))
    os.replace(temporary, out)


def failing_frames(error: BaseException) -> Failing:
    """(code, line) of a traceback, outermost first."""
    frames: Failing = []
    step = error.__traceback__
    while step is not None:
        frames.append((step.tb_frame.f_code, step.tb_lineno))
        step = step.tb_next
    return frames


def run(command: List[str]) -> None:
    """Run a script or `-m module` as the interpreter would."""
    if command[0] == "-m":
        sys.argv = command[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(command[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = command
        sys.path.insert(0, os.path.dirname(os.path.abspath(command[0])))
        runpy.run_path(command[0], run_name="__main__")


def main(arguments: List[str]) -> None:
    """Parse `--name value` pairs up to `--`, trace the rest."""
    options = {"--root": ".", "--out": "trace.json", "--seconds": "60", "--functions": "4000"}
    split = arguments.index("--")
    options.update(zip(arguments[:split:2], arguments[1:split:2]))
    recorder = Recorder(options["--root"], float(options["--seconds"]), int(options["--functions"]))
    out = os.path.abspath(options["--out"])
    failing: Failing = []
    owner = os.getpid()
    # A forked child must not overwrite its parent's trace.
    atexit.register(lambda: write_trace(recorder, out, failing) if os.getpid() == owner else None)
    sys.path.pop(0)
    recorder.start()
    try:
        run(arguments[split + 1 :])
    except BaseException as error:
        if not isinstance(error, SystemExit):
            failing.extend(failing_frames(error))
        raise
    finally:
        recorder.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
