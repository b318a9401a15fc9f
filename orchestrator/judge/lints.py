"""Stage 4: does the candidate add a fault that a reader can see without running it?

A delta: what pyflakes said of the file before is never held against a candidate, wherever its line is now. Two findings are
the same if kind, names and enclosing definition are; one that moved to another definition cancels out.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache

from orchestrator import syntax
from orchestrator.judge.case import Case
from orchestrator.judge.findings import Violation, abstained, passed, refused
from orchestrator.judge.repo_imports import unreachable_imports
from orchestrator.records import Candidate, FileChange, Finding

STAGE = "lints"

# What fails when it runs, or silently drops code. Unused names, style and the like are none of the judge's business.
_ADVICE = {
    "UndefinedName": "Import it, define it, or use the name that exists in this file.",
    "UndefinedLocal": "Assign the variable before it is read.",
    "UndefinedExport": "Define the name or take it out of __all__.",
    "RedefinedWhileUnused": "Define it once: replace the existing definition instead of adding another one of the same name.",
    "ReturnOutsideFunction": "Put the statement inside the function it belongs to (check the indentation).",
    "YieldOutsideFunction": "Put the statement inside the function it belongs to (check the indentation).",
    "ContinueOutsideLoop": "Put the statement inside a loop (check the indentation).",
    "BreakOutsideLoop": "Put the statement inside a loop (check the indentation).",
    "DuplicateArgument": "Name each parameter once.",
    "DefaultExceptNotLast": "Make the bare except the last one.",
    "TwoStarredExpressions": "Unpack with at most one star.",
    "LateFutureImport": "Keep __future__ imports at the top of the file.",
    "StringDotFormatMissingArgument": "Give the format string every argument that it names.",
    "PercentFormatPositionalCountMismatch": "Give the format string as many arguments as it has places.",
    "PercentFormatMissingArgument": "Give the format string every argument that it names.",
}

Lint = tuple[str, tuple[str, ...]]
"""(kind, names): the kind of message and its arguments without line numbers."""


def adds_no_lint(candidate: Candidate, case: Case) -> Finding:
    """Pass where no touched file has a fault that it had not before; abstain where lint is switched off or nothing can be read."""
    if not case.settings.lint:
        return abstained(STAGE, candidate, "lint is switched off by the settings")
    read = 0
    for change in candidate.changes:
        if not change.path.endswith(".py") or change.after is None:
            continue
        after = _lints(change.after)
        before = _lints(change.before) if change.before is not None else ()
        if after is None or before is None:
            continue
        read += 1
        violation = _new_lint(change, before, after) or _new_unreachable(change, candidate, case)
        if violation is not None:
            return refused(STAGE, candidate, violation)
    if not read:
        return abstained(STAGE, candidate, "no touched file can be read by the linter")
    return passed(STAGE, candidate, f"no new fault in {read} file(s)")


Located = tuple[Lint, str, int, str]
"""(lint, qualified name of the enclosing definition, line, message)."""


@lru_cache(maxsize=64)
def _lints(data: bytes) -> tuple[Located, ...] | None:
    """What pyflakes says of a file's content, None where it does not parse. Remembered: each base file is asked about often."""
    from pyflakes import checker

    text, _ = syntax.decode_source(data)
    try:
        module = syntax.parse_source(text)
        messages = checker.Checker(module, builtins={"__file__", "WindowsError", "reveal_type"}).messages
    except (SyntaxError, RecursionError):
        return None
    found = syntax.definitions(module)
    located: list[Located] = []
    for message in sorted(messages, key=lambda m: (m.lineno, m.col)):
        kind = type(message).__name__
        if kind not in _ADVICE or (
            kind == "RedefinedWhileUnused" and not _redefines(found, message.lineno, message.message_args[0])
        ):
            continue
        scope = syntax.enclosing_definition(found, message.lineno)
        names = tuple(str(arg) for arg in message.message_args if not isinstance(arg, int))
        said = message.message % message.message_args
        located.append(((kind, names), scope.qualified_name if scope else "", message.lineno, said))
    return tuple(located)


def _redefines(found: tuple[syntax.Definition, ...], line: int, name: str) -> bool:
    """Only a definition that replaces another loses code; importing a name twice does no harm."""
    return any(d.start_line <= line <= d.body_line and d.qualified_name.rpartition(".")[2] == name for d in found)


def _new_lint(change: FileChange, before: tuple[Located, ...], after: tuple[Located, ...]) -> Violation | None:
    old, new = (Counter((lint, scope) for lint, scope, _, _ in located) for located in (before, after))
    gone = Counter(lint for lint, _ in (old - new).elements())
    for lint, scope, line, said in after:
        if new[lint, scope] <= old[lint, scope]:
            continue
        if gone[lint]:
            gone[lint] -= 1
            continue
        kind, _ = lint
        where = f"{change.path}, line {line}" + (f", in {scope}" if scope else "")
        return Violation(f"lints.{kind}", f"{where}: {said}", _ADVICE[kind])
    return None


def _new_unreachable(change: FileChange, candidate: Candidate, case: Case) -> Violation | None:
    found = unreachable_imports(change, candidate.changes, case.tree)
    if not found:
        return None
    advice = "Import it from the module of this repository that defines it, or define it."
    return Violation("lints.unreachable_import", f"{change.path}: {found[0]}", advice)
