"""Does the snippet of an issue show the bug: does it fail at base_commit and hold with the gold patch?"""

import re
from collections.abc import Callable
from dataclasses import dataclass

Runner = Callable[[str], tuple[int, str]]
"""Runs Python source in a working copy; gives exit code and output, stdout and stderr together."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DOCTEST_MAIN = """
import doctest, sys
test = doctest.DocTestParser().get_doctest(SESSION, {}, "issue", None, 0)
runner = doctest.DocTestRunner(verbose=False)
runner.run(test)
sys.exit(1 if runner.failures else 0)
"""


@dataclass(frozen=True)
class Snippet:
    """`kind` is doctest, output or traceback; `expected` is the output wanted, or the traceback's last line."""

    kind: str
    code: str
    expected: str = ""


def find_snippet(statement: str) -> Snippet | None:
    """The first runnable snippet of a problem statement, or None where there is only prose."""
    fences = FENCE.findall(statement)
    for position, (language, body) in enumerate(fences):
        if ">>> " in body:
            return Snippet("doctest", body)
        if language != "python":
            continue
        following = fences[position + 1][1] if position + 1 < len(fences) else ""
        if following.startswith("Traceback (most recent call last)"):
            return Snippet("traceback", body, following.rstrip().splitlines()[-1])
        if re.search(r"^#*\s*Expected\b", statement, re.MULTILINE):
            return Snippet("output", body, following)
    return None


def shows_the_bug(snippet: Snippet, at_base: Runner, with_gold: Runner) -> bool:
    """Whether the snippet fails at base_commit in the way the issue says, and holds with the gold patch."""
    if snippet.kind == "doctest":
        session = f"SESSION = {snippet.code!r}\n{DOCTEST_MAIN}"
        return at_base(session)[0] != 0 and with_gold(session)[0] == 0
    base_code, base_output = at_base(snippet.code)
    gold_code, gold_output = with_gold(snippet.code)
    if snippet.kind == "traceback":
        return base_code != 0 and snippet.expected in base_output and gold_code == 0
    return base_output != snippet.expected and (gold_code, gold_output) == (0, snippet.expected)
