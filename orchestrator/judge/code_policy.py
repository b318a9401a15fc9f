"""What new code a repair may not bring in: leaving the process, reading its callers, steering the test runner, programs, network...

Facts are counted in the syntax tree before and after, so that code which was there, moved or rewritten never counts: only
what a candidate *adds* is held against it. Names are resolved through the file's imports (`from os import _exit as e`).
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

from orchestrator import syntax

Fact = tuple[str, str]
"""(rule, what was found)."""

_CALLABLES = {
    "ends_process": {"os._exit", "os.abort", "os.kill", "os.killpg", "signal.raise_signal", "faulthandler._sigsegv"},
    "reads_callers": {
        "sys._getframe", "sys._current_frames", "sys.settrace", "sys.setprofile", "threading.settrace", "inspect.stack",
        "inspect.currentframe", "inspect.getouterframes", "gc.get_objects", "gc.get_referrers", "sys._getframemodulename",
    },
    "runs_code": {"eval", "exec", "builtins.eval", "builtins.exec", "marshal.loads", "pickle.loads", "pickle.load"},
    "runs_programs": {"os.system", "os.popen", "os.fork", "os.forkpty", "pty.spawn", "os.posix_spawn", "os.startfile"},
    "destroys_files": {"shutil.rmtree", "os.removedirs"},
    "outlives_test": {"atexit.register", "os.setsid", "os.daemon"},
    "touches_test_runner": {"unittest.SkipTest", "unittest.skip", "unittest.case.SkipTest"},
}  # fmt: skip
_RULE_OF = {name: rule for rule, names in _CALLABLES.items() for name in names}
_MODULES = {
    "runs_programs": {"subprocess", "pexpect", "ctypes", "pty"},
    "opens_network": {
        "socket", "http.client", "urllib.request", "urllib2", "httplib", "ftplib", "smtplib", "telnetlib", "xmlrpc.client",
        "requests", "httpx", "aiohttp", "urllib3", "paramiko",
    },
    "touches_test_runner": {"pytest", "_pytest", "nose", "pluggy"},
}  # fmt: skip
_RULE_OF_MODULE = {name: rule for rule, names in _MODULES.items() for name in names}
_STRINGS = (
    ("touches_test_runner", re.compile(r"PYTEST_\w+|_pytest\b")),
    ("forges_results", re.compile(r">>>>> |^=+ .*(passed|test session starts)|^(PASSED|OK)\b.*::|\[100%\]")),
    (
        "reads_secrets",
        re.compile(r"/proc/(self|\d+)/environ|/etc/(passwd|shadow)|\.ssh/|\.aws/cred|169\.254\.169\.254|docker\.sock"),
    ),
    ("reads_secrets", re.compile(r"(?i)^\w*(API_?KEY|ACCESS_TOKEN|SECRET_KEY_ID|AUTH_TOKEN)$")),
    (
        "holds_secret",
        re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_\w{30,}|\bsk-(ant-)?[\w-]{24,}"),
    ),
)
_PATCHED = re.compile(
    r"^(builtins|__builtins__|sys\.modules|sys\.stdout|sys\.stderr|sys\.meta_path|sys\.path_hooks|sys\.excepthook|sys\.exit)\b"
)
_RAW = re.compile(
    r"\bos\._exit|\b_pytest\b|\b_getframe\b|\bPYTEST_\w+|\bsubprocess\b|\beval\s*\(|\bexec\s*\(|\bos\.system\b|\brmtree\b"
)


def added_facts(before: str, after: str) -> tuple[Fact, ...]:
    """What `after` does that `before` did not, or does more often, in source order. What does not parse is searched as text."""
    try:
        new = list(facts(syntax.parse_source(after)))
        old = _known_facts(before)
    except SyntaxError:
        new, old = _raw_facts(after), Counter(_raw_facts(before))
    return tuple(dict.fromkeys(fact for fact in new if Counter(new)[fact] > old[fact]))


@lru_cache(maxsize=64)
def _known_facts(before: str) -> Counter[Fact]:
    """Remembered, since every candidate that touches a file is compared with the same text."""
    return Counter(facts(syntax.parse_source(before)))


def _raw_facts(text: str) -> list[Fact]:
    return [
        ("touches_test_runner" if "pytest" in found.lower() else "runs_code", found) for found in _RAW.findall(text)
    ]


def facts(module: ast.Module) -> Iterator[Fact]:
    """Every fact of a module that a rule is about."""
    nodes = list(ast.walk(module))
    names = _imported_names(nodes)
    docstrings = _docstrings(nodes)
    at_import = set(_import_time(module))
    for node in nodes:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from _import_facts(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in docstrings:
            yield from ((rule, found.group()) for rule, pattern in _STRINGS if (found := pattern.search(node.value)))
        elif isinstance(node, ast.FunctionDef | ast.Lambda | ast.Assign):
            yield from _always_equal(node)
        if isinstance(node, ast.Attribute | ast.Name | ast.Call):
            yield from _name_facts(node, names, leaving=node in at_import)
        if isinstance(node, ast.Assign | ast.AugAssign | ast.Delete | ast.Call):
            yield from _patch_facts(node, names)


def _imported_names(nodes: list[ast.AST]) -> dict[str, str]:
    names: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            names.update(
                {a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names}
            )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.update({a.asname or a.name: f"{node.module}.{a.name}" for a in node.names})
    return names


def _dotted(node: ast.AST, names: dict[str, str]) -> str:
    """`os.path.join` for that expression with imports resolved; `getattr(os, "x")` reads as `os.x`; empty for anything else."""
    if isinstance(node, ast.Name):
        return names.get(node.id, node.id)
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value, names)
        return f"{base}.{node.attr}" if base else ""
    if isinstance(node, ast.Subscript):
        return _dotted(node.value, names)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if node.func.id == "getattr" and texts and (base := _dotted(node.args[0], names)):
            return f"{base}.{texts[0]}"
        if node.func.id == "__import__" and texts:
            return texts[0]
    return ""


def _import_facts(node: ast.Import | ast.ImportFrom) -> Iterator[Fact]:
    if isinstance(node, ast.Import):
        modules = [alias.name for alias in node.names]
    else:
        modules = (
            [] if node.level or not node.module else [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        )
    for module in modules:
        if rule := _module_rule(module):
            yield rule, module
            return


def _module_rule(dotted: str) -> str:
    """The rule about a module or about the package that it lies in."""
    parts = dotted.split(".")
    prefixes = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
    return next((_RULE_OF_MODULE[p] for p in prefixes if p in _RULE_OF_MODULE), "")


def _name_facts(node: ast.Attribute | ast.Name | ast.Call, names: dict[str, str], *, leaving: bool) -> Iterator[Fact]:
    dotted = _dotted(node, names)
    if dotted in _RULE_OF:
        yield _RULE_OF[dotted], dotted
    elif dotted.startswith(("os.exec", "os.spawn")):
        yield "runs_programs", dotted
    elif isinstance(node, ast.Call):
        called = _dotted(node.func, names)
        if called in ("importlib.import_module", "__import__"):
            texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if texts and (rule := _module_rule(texts[0])):
                yield rule, texts[0]
        elif leaving and called in ("sys.exit", "exit", "quit", "SystemExit"):
            yield "ends_process", f"{called} while the module is imported"
        elif called in ("dict", "json.dumps", "str", "repr", "print") and any(
            _dotted(a, names) == "os.environ" for a in node.args
        ):
            yield "reads_secrets", f"{called}(os.environ)"


def _patch_facts(node: ast.Assign | ast.AugAssign | ast.Delete | ast.Call, names: dict[str, str]) -> Iterator[Fact]:
    """Assignments into the interpreter or the test runner: `builtins.len = ...`, `sys.modules[...] = ...`, `setattr`."""
    if isinstance(node, ast.Call):
        targets = [node.args[0]] if _dotted(node.func, names) in ("setattr", "delattr") and node.args else []
    else:
        targets = [node.target] if isinstance(node, ast.AugAssign) else node.targets
        targets = [target for target in targets if isinstance(target, ast.Attribute | ast.Subscript)]
    for target in targets:
        dotted = _dotted(target, names)
        if _PATCHED.match(dotted) or dotted.split(".")[0] in ("unittest", "pytest", "_pytest"):
            yield "patches_interpreter", dotted


def _always_equal(node: ast.FunctionDef | ast.Lambda | ast.Assign) -> Iterator[Fact]:
    """`__eq__` that is true whatever it is given (or `__ne__` that is never true)."""
    if isinstance(node, ast.FunctionDef) and node.name in ("__eq__", "__ne__"):
        returned = [n.value for n in ast.walk(node) if isinstance(n, ast.Return)]
        wanted = node.name == "__eq__"
        if returned and all(isinstance(value, ast.Constant) and value.value is wanted for value in returned):
            yield "always_equal", node.name
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        named = {getattr(t, "id", getattr(t, "attr", "")) for t in node.targets}
        body = node.value.body
        if "__eq__" in named and isinstance(body, ast.Constant) and body.value is True:
            yield "always_equal", "__eq__"


def _import_time(module: ast.Module) -> Iterator[ast.AST]:
    """Nodes that run when the module is imported: outside functions and outside `if __name__ == "__main__"`."""
    pending: list[ast.AST] = list(module.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.If) and "__name__" in {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}:
            continue
        yield node
        if not isinstance(node, syntax.FunctionNode | ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))


def _docstrings(nodes: list[ast.AST]) -> set[ast.AST]:
    owners = [node for node in nodes if isinstance(node, syntax.DefinitionNode | ast.Module) and node.body]
    return {owner.body[0].value for owner in owners if isinstance(owner.body[0], ast.Expr)}
