"""A pytest plugin that writes what really happened to each test into a file, one JSON line an event.

It runs in the Python of the repository under test: Python 3.6 or later, pytest 3.1 or later, nothing but the standard library.
`testrun` puts a copy of this file into a sandbox under a name nobody can guess, with the settings appended to it.
"""

import hashlib
import hmac
import json
import os
import time
from typing import Any, Dict, Iterator, List, Set  # noqa: UP035 - Python 3.6 has no other

RESULTS = ""
CANARIES: List[str] = []  # noqa: UP006
KEY = b""
LIMIT_S = 0.0  # seconds of the session after which no further test is begun; 0 is no limit
FILE_LIMITS: Dict[str, float] = {}  # noqa: UP006 - the same by test file
_raised: Dict[str, bool] = {}  # noqa: UP006
_began: Dict[str, float] = {}  # noqa: UP006
_left: Set[str] = set()  # noqa: UP006
_last_mark = [""]
_clock = time.time


def _write(**event: Any) -> None:
    """Append one line. Its mark depends on all lines before it, so none can be changed or left out by who lacks the key."""
    text = json.dumps(event, sort_keys=True)
    _last_mark[0] = hmac.new(KEY, (_last_mark[0] + text).encode("utf-8"), hashlib.sha256).hexdigest()
    descriptor = os.open(RESULTS, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, (_last_mark[0] + " " + text + "\n").encode("utf-8"))
    finally:
        os.close(descriptor)


def _is_worker(config: Any) -> bool:
    return hasattr(config, "workerinput") or hasattr(config, "slaveinput")


def pytest_configure(config: Any) -> None:
    """Have the canaries collected with the tests. By now pytest has chosen its root folder and ini file without them."""
    if not _is_worker(config):
        config.args.extend(CANARIES)


class _Recorder(object):  # noqa: UP004
    """The hooks that must be found last or wrap closest to the test."""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """One phase of one test."""
        if report.nodeid in _left:
            if report.when == "setup":
                _write(left=report.nodeid)
            return
        crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
        _write(
            id=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            xfail=hasattr(report, "wasxfail"),
            raised=_raised.get(report.nodeid + report.when),
            duration=round(float(getattr(report, "duration", 0.0)), 4),
            message=str(getattr(crash, "message", ""))[:2000],
        )

    def pytest_collectreport(self, report: Any) -> None:
        """A file that could not be collected."""
        if report.failed:
            _write(id=report.nodeid, when="collect", outcome="failed", message=str(report.longrepr)[-2000:])

    def pytest_sessionfinish(self, session: Any, exitstatus: Any) -> None:
        """The positive end mark, without which the file is not whole."""
        _write(end=int(exitstatus), collected=int(getattr(session, "testscollected", -1)))


def _is_late(node_id: str) -> bool:
    """Whether the time for this test is over. The canaries always have time."""
    path = node_id.partition("::")[0]
    if any(canary == path or canary.endswith("/" + path) for canary in CANARIES):
        return False
    now = _clock()
    limits = [limit for file, limit in FILE_LIMITS.items() if file == path or file.endswith("/" + path)]
    if LIMIT_S and now - _began.setdefault("", now) >= LIMIT_S:
        return True
    return bool(limits) and now - _began.setdefault(path, now) >= limits[0]


def _note(item: Any, when: str, outcome: Any) -> None:
    # unittest's failures are put aside on the item instead of being raised.
    _raised[item.nodeid + when] = bool(outcome.excinfo) or bool(getattr(item, "_excinfo", None))


try:
    import pytest

    class _Witness(object):  # noqa: UP004
        """Sees whether the test itself raised, whatever other plugins make of it afterwards."""

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(self, item: Any) -> None:
            """Leave out a test that there is no time for, before anything of it is set up."""
            if _is_late(item.nodeid):
                _left.add(item.nodeid)
                pytest.skip("left out: the time for these tests is over")

        @pytest.hookimpl(hookwrapper=True, trylast=True)
        def pytest_runtest_call(self, item: Any) -> Iterator[None]:
            """Innermost around the test's own code."""
            outcome = yield
            _note(item, "call", outcome)

    def pytest_sessionstart(session: Any) -> None:
        """Record from here on."""
        if not _is_worker(session.config):
            session.config.pluginmanager.register(_Recorder())

    def pytest_collection_finish(session: Any) -> None:
        """By now every conftest file is loaded: a witness registered later stands closer to the test than theirs."""
        session.config.pluginmanager.register(_Witness())

except ImportError:  # imported on the host, where only its text matters
    pass
