"""Run the pieces of code of an issue one after the other and say what each went through. Runs in a sandbox; plain Python 3.6.

`PLAN_TEXT` (JSON) and the text of neutral.py are put before this text. Nothing is judged here: a statement that fails is
noted, and the next one runs.
"""

# mypy: ignore-errors
# ruff: noqa: F821
import ast
import contextlib
import importlib
import importlib.machinery
import io
import json
import os
import re
import runpy
import signal
import sys
import tempfile
import textwrap
import time
import types

MOST_MISSING, MOST_TEXT, MOST_FUNCTIONS = 8, 300, 1500


class OutOfTime(BaseException):
    """A statement took too long."""


def limit(seconds):
    """Raise OutOfTime in the running code after some seconds; 0 lifts it."""

    def late(_number, _frame):
        raise OutOfTime

    signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0 if seconds else 0.0)


class Walk:
    """One namespace, in which all pieces run."""

    def __init__(self, plan, tracer):
        self.plan = plan
        self.root = os.getcwd()
        self.tracer = tracer
        self.package = plan["package"]
        self.module = types.ModuleType(plan["module"])
        self.space = self.module.__dict__
        self.runs = []
        self.functions = {}
        self.passed = {}
        self.passing = 0
        self.ends = time.monotonic() + plan["code_s"]
        self.paths, self.spans = {}, {}
        self.given = set()
        self.failed = []
        self.modules = 0
        self.plain_tests = None

    def prepare(self):
        """What people leave out: the project's names and set-up. Not traced."""
        parent = self.plan["module"].rpartition(".")[0]
        if parent:
            above = types.ModuleType(parent)
            above.__path__ = [tempfile.mkdtemp()]
            above.__file__ = os.path.join(above.__path__[0], "__init__.py")
            above.__spec__ = importlib.machinery.ModuleSpec(parent, None, is_package=True)
            above.__spec__.submodule_search_locations = above.__path__
            sys.modules[parent] = above
            self.space["__package__"] = parent
            self.module.__spec__ = importlib.machinery.ModuleSpec(self.plan["module"], None)
        sys.modules[self.plan["module"]] = self.module
        for source in self.plan["opening"]:
            self.aside(source, 20.0)
        self.given = set(self.space)

    def left(self):
        """Seconds until the end, at least a little."""
        return max(self.ends - time.monotonic(), 0.05)

    def piece(self, piece_kind, source):
        """Run the statements of one piece, each by itself."""
        try:
            body = ast.parse(textwrap.dedent(source), "<issue>").body
        except (SyntaxError, ValueError):
            return
        lines = textwrap.dedent(source).splitlines()
        starts = [min([node.lineno] + [d.lineno for d in getattr(node, "decorator_list", [])]) for node in body]
        for node, start, end in zip(body, starts, starts[1:] + [len(lines) + 1]):
            if time.monotonic() > self.ends:
                return
            self.statement(piece_kind, node, "\n".join(lines[start - 1 : end - 1]))

    def statement(self, piece_kind, node, text, *, again=False):
        """Run one statement under the tracer; names that it lacks are looked up and it is run again."""
        kind = "inline" if piece_kind == "inline" else "statement"
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            kind = "import"
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            kind = "definition"
        try:
            code = compile(ast.Interactive([node]), "<issue>", "single")
        except (SyntaxError, ValueError):
            return
        error = None
        for _ in range(MOST_MISSING):
            ran, error = self.traced(lambda: exec(code, self.space))
            missing = re.match(r"name '(\w+)' is not defined", str(error)) if type(error) is NameError else None
            if missing is None or not self.supply(missing.group(1), text):
                break
        if type(error) is NameError and not again:
            self.failed.append((piece_kind, node, text))
            return
        self.note(kind, text, ran, error)
        if kind == "definition" and self.plan["after_definition"]:
            self.aside(self.plan["after_definition"], 5.0)

    def aside(self, source, seconds):
        """Run what belongs to no statement; not traced."""
        limit(min(seconds, self.left()))
        with contextlib.redirect_stdout(io.StringIO()):
            try:
                exec(compile(source, "<aside>", "exec"), self.space)
            except BaseException as error:
                sys.stderr.write("aside: %r\n" % (error,))
            finally:
                limit(0)

    def rest(self):
        """Once more what failed for a name, which may be defined by now."""
        for piece_kind, node, text in self.failed:
            if time.monotonic() < self.ends:
                self.statement(piece_kind, node, text, again=True)

    def test_file(self, source):
        """Run a piece that is a test module with pytest, in this process."""
        if self.plain_tests is None:
            self.plain_tests = 0
            for plain in PLAIN_TESTS:
                ran, error = self.pytest_run(plain)
                if error is None:
                    self.pass_by(ran)
        ran, error = self.pytest_run(source)
        if not isinstance(error, ImportError):
            self.note("test", source, ran, error)

    def pytest_run(self, source):
        """(rows of the tracer, the error) of pytest on a module of its own."""
        folder = tempfile.mkdtemp()
        self.modules += 1
        path = os.path.join(folder, "test_issue_%d.py" % self.modules)
        with open(path, "w") as stream:
            stream.write(source)
        os.chdir(folder)
        try:
            return self.traced(lambda: importlib.import_module("pytest").main(["-p", "no:cacheprovider", "-q", path]))
        finally:
            os.chdir(self.root)

    def pass_by(self, ran):
        """Count what a passing run went through."""
        self.passing += 1
        for row in ran:
            key = tuple(row[:4])
            self.passed[key] = self.passed.get(key, 0) + 1

    def neutral(self):
        """Run one test each of a few test files, evenly spread: what passing runs go through."""
        paths = test_files()
        neutral = 0
        step = max(len(paths) // self.plan["passing_runs"], 1)
        for path in [path for offset in range(step) for path in paths[offset::step]]:
            for call in self.tests_of(path)[:2]:
                if time.monotonic() > self.ends or neutral == self.plan["passing_runs"]:
                    return
                ran, error = self.traced(call)
                # One that takes too long has shown what is common all the same.
                if (error is None or isinstance(error, OutOfTime)) and ran:
                    self.pass_by(ran)
                    neutral += 1
                    break

    def tests_of(self, path):
        """The tests in a file that need nothing: plain functions, and methods of unittest's classes; short ones first."""
        sys.path.insert(0, os.path.abspath(self.plan["tests_root"]))
        limit(min(8.0, self.left()))
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return tests_in(path, self.plan["tests_root"])
        except BaseException as error:
            sys.stdout.write("%s: %r\n" % (path, error))
            return []
        finally:
            limit(0)
            sys.path.pop(0)

    def traced(self, call):
        """(rows of the tracer, the error)."""
        recorder = self.tracer["Recorder"](self.root, min(20.0, self.left()), 4000)
        recorder.paths.update(self.paths)
        recorder.spans = self.spans
        error = None
        sys.stdin = io.StringIO()
        with contextlib.redirect_stdout(io.StringIO()):
            limit(min(self.plan["statement_s"], self.left()))
            recorder.start()
            try:
                call()
            except BaseException as raised:
                error = raised
            finally:
                recorder.stop()
                limit(0)
        self.paths = recorder.paths
        rows = recorder.functions(self.tracer["failing_frames"](error) if error is not None else [])
        return rows, error

    def supply(self, name, statement):
        """Put a name that an issue takes for granted into the namespace: a module, or what the project calls so."""
        if name in self.given:
            return False
        self.given.add(name)
        limit(min(5.0, self.left()))
        try:
            found = self.look_up(name)
            if found is None and self.plan["missing"]:
                space = {"name": name, "statement": statement}
                exec(compile(self.plan["missing"], "<missing>", "exec"), space)
                found = space["found"]
        except BaseException as error:
            sys.stderr.write("%s: %r\n" % (name, error))
            found = None
        finally:
            limit(0)
        if found is None:
            return False
        self.space[name] = found
        return True

    def look_up(self, name):
        """A loaded module's public name, the shortest module first; then a submodule or module of that name."""
        loaded = [key for key in sys.modules if key == self.package or key.startswith(self.package + ".")]
        for key in sorted(loaded, key=lambda each: (each.count("."), len(each))):
            module = sys.modules[key]
            found = getattr(module, "__dict__", {}).get(name)
            if found is not None and not key.rpartition(".")[2].startswith("_"):
                return found
        for key in (self.package + "." + name, name):
            try:
                return importlib.import_module(key)
            except ImportError:
                continue
        return None

    def note(self, kind, text, ran, error):
        """Keep what a run went through, functions by their place in a table of all."""
        rows = [tuple(row[:4]) for row in ran[-MOST_FUNCTIONS:]]
        failing = self.tracer["failing_frames"](error) if error is not None else []
        frames = len({code for code, _ in failing if self.paths.get(code.co_filename)})
        said = "" if error is None else ("%s: %s" % (type(error).__name__, error))[:MOST_TEXT]
        entered = [self.functions.setdefault(row, len(self.functions)) for row in rows]
        self.runs.append([kind, text.strip()[:MOST_TEXT], said, frames, entered])


def main():
    nonce = os.environ.pop("RAMP_NONCE", "")
    results_path = os.environ.pop("RAMP_RESULTS")
    # Before any code of the repository runs.
    with open(results_path, "w") as stream:
        stream.write("started")
    plan = json.loads(PLAN_TEXT)
    here = os.getcwd()
    sys.path[0:0] = [folder for folder in (here, os.path.join(here, "src")) if os.path.isdir(folder)]
    sys.argv = ["issue.py"]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    walk = Walk(plan, runpy.run_path(os.environ["RAMP_TRACER"]))
    walk.prepare()
    for kind, source in plan["pieces"]:
        if kind == "test":
            walk.test_file(source)
        else:
            walk.piece(kind, source)
    walk.rest()
    walk.ends = time.monotonic() + plan["passing_s"]
    walk.plan["statement_s"] = 1.5
    walk.neutral()
    for run in walk.runs:
        print("%s\n  %s, %d functions" % (run[1], run[2] or "went well", len(run[4])))
    rows = [list(key) + [walk.passed.get(key, 0)] for key in walk.functions]
    with open(results_path, "w") as stream:
        json.dump({"nonce": nonce, "done": True, "runs": walk.runs, "functions": rows, "passing": walk.passing}, stream)
    sys.stdout.flush()
    os._exit(0)


main()
