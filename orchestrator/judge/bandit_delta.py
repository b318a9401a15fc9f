"""Bandit as a library, on one file before and after: only what a candidate adds counts.

Bandit takes a second to import, so a file is handed to it only where an added line holds a word that one of the tests
below could be about.
"""

from __future__ import annotations

import io
import logging
import re
import warnings
from collections import Counter

from orchestrator import syntax

# exec, chmod, unsafe unpacking, marshal, eval, TLS without checks, weak keys, shells, injected commands, Trojan source.
TESTS = frozenset(
    {"B102", "B103", "B202", "B302", "B307", "B501", "B502", "B505", "B602", "B604", "B605", "B609", "B613"}
)
_TRIGGER = re.compile(
    r"exec|chmod|extract|marshal|eval|verify|ssl|SSL|generate|shell|system|popen|[\u202a-\u202e\u2066-\u2069]"
)


def new_bandit_issues(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """(test id, text) of every listed issue that `after` has more often than `before`; nothing where `after` does not parse."""
    added = Counter(syntax.split_lines(after)) - Counter(syntax.split_lines(before))
    if not any(_TRIGGER.search(line) for line in added):
        return ()
    new, old = _issues(after), Counter(_issues(before))
    return tuple(dict.fromkeys(issue for issue in new if Counter(new)[issue] > old[issue]))


def _issues(text: str) -> list[tuple[str, str]]:
    # Bandit and stevedore write to their loggers while plugins load; a judge has nothing to say there.
    logging.getLogger("bandit").setLevel(logging.CRITICAL)
    logging.getLogger("stevedore").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from bandit.core.config import BanditConfig
        from bandit.core.manager import BanditManager

        profile = {"include": TESTS, "exclude": set()}
        manager = BanditManager(BanditConfig(), "file", profile=profile, quiet=True, ignore_nosec=True)
        # bandit has no public entry for text; this is what its own run_tests calls for each file.
        manager._parse_file("candidate.py", io.BytesIO(text.encode("utf-8", "surrogatepass")), ["candidate.py"])  # noqa: SLF001
    return [(issue.test_id, issue.text) for issue in manager.results]
