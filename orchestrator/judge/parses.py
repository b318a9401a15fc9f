"""Stage 3: does every touched file still parse?

Python is parsed by the interpreter that runs the judge. A file that this interpreter could not read before the change
either (Python 2, `async` as a name) says nothing here; the sandbox's own interpreter reads it in stage 5.
"""

from __future__ import annotations

import configparser
import json
import tomllib
from collections.abc import Callable
from pathlib import PurePosixPath

from orchestrator import syntax
from orchestrator.judge.case import Case
from orchestrator.judge.findings import Violation, abstained, passed, refused
from orchestrator.records import Candidate, FileChange, Finding

STAGE = "parses"


def still_parses(candidate: Candidate, case: Case) -> Finding:  # noqa: ARG001  # every stage has one signature
    """Pass where each touched file that parsed before, or is new, parses now; abstain where none of them can be read here."""
    read = 0
    for change in candidate.changes:
        reader = _READERS.get(PurePosixPath(change.path).suffix)
        if reader is None or change.after is None or not _readable_before(change, reader):
            continue
        read += 1
        if fault := reader(change.after):
            return refused(STAGE, candidate, _violation(change, fault), detail=fault[1])
    if not read:
        return abstained(STAGE, candidate, "no touched file is of a kind that can be parsed here")
    return passed(STAGE, candidate, f"{read} touched file(s) parse")


Fault = tuple[int, str]
"""(1-based line or 0 where it is not known, message)."""


def _readable_before(change: FileChange, reader: Callable[[bytes], Fault | None]) -> bool:
    return change.before is None or reader(change.before) is None


def _violation(change: FileChange, fault: Fault) -> Violation:
    line, message = fault
    lines = syntax.split_lines(syntax.decode_source(change.after or b"")[0])
    shown = "".join(
        f"\n{n:>6} | {lines[n - 1].rstrip()}" for n in range(max(1, line - 2), min(len(lines), line + 1) + 1) if line
    )
    where = f" at line {line}" if line else ""
    return Violation(
        f"parses.{_rule(message)}", f"{change.path} does not parse{where}: {message}{shown}", _advice(message)
    )


def _rule(message: str) -> str:
    words = message.lower()
    return (
        "indentation"
        if "indent" in words
        else "never_closed"
        if "never closed" in words or "eof" in words
        else "syntax"
    )


def _advice(message: str) -> str:
    return {
        "indentation": "Write the replacement with the indentation of the code that it replaces, spaces only.",
        "never_closed": "Write the definition out to its end and close every bracket and string.",
        "syntax": "Write plain valid source: no line numbers, no diff marks, no prose, no code fence within the code.",
    }[_rule(message)]


def _read_python(data: bytes) -> Fault | None:
    text, _ = syntax.decode_source(data)
    try:
        syntax.parse_source(text)
        # Some faults (return outside a function, two starred targets) are found by the compiler only.
        compile(text.removeprefix("\ufeff"), "<candidate>", "exec", dont_inherit=True)
    except SyntaxError as error:
        return error.lineno or 0, error.msg or str(error)
    except (ValueError, RecursionError, MemoryError) as error:
        return 0, str(error)
    return None


def _read_json(data: bytes) -> Fault | None:
    try:
        json.loads(data)
    except json.JSONDecodeError as error:
        return error.lineno, error.msg
    except (ValueError, RecursionError) as error:
        return 0, str(error)
    return None


def _read_toml(data: bytes) -> Fault | None:
    try:
        tomllib.loads(data.decode())
    except ValueError as error:
        return 0, str(error)
    return None


def _read_yaml(data: bytes) -> Fault | None:
    import yaml

    try:
        # Composing stops before tags are given a meaning, so that a project's own tags are no fault.
        list(yaml.compose_all(data, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        return (mark.line + 1 if mark else 0), str(getattr(error, "problem", None) or error)
    return None


def _read_ini(data: bytes) -> Fault | None:
    try:
        configparser.RawConfigParser(strict=False).read_string(data.decode("utf-8", "replace"))
    except configparser.Error as error:
        return getattr(error, "lineno", 0) or 0, error.message
    return None


def _read_xml(data: bytes) -> Fault | None:
    import xml.etree.ElementTree as ET

    try:
        ET.fromstring(data)  # noqa: S314  # expat of every supported Python refuses entity bombs
    except ET.ParseError as error:
        return error.position[0], str(error)
    except (ValueError, LookupError) as error:
        return 0, str(error)
    return None


_READERS: dict[str, Callable[[bytes], Fault | None]] = {
    ".py": _read_python,
    ".pyi": _read_python,
    ".json": _read_json,
    ".toml": _read_toml,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
    ".ini": _read_ini,
    ".xml": _read_xml,
}
