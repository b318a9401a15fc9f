"""A pytest plugin that writes what really happened to each test into a file, one JSON line an event.

It runs in the Python of the repository under test: Python 3.6 or later, pytest 3.1 or later, nothing but the standard library.
`testrun` puts a copy of this file into a sandbox under a name nobody can guess, with the settings appended to it.
"""

import hashlib
import hmac
import json
import os
from typing import Any, Dict, Iterator, List  # noqa: UP035 - Python 3.6 has no other

RESULTS = ""
CANARIES: List[str] = []  # noqa: UP006
KEY = b""
_raised: Dict[str, bool] = {}  # noqa: UP006
_last_mark = [""]


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
        crash = getattr(getattr(report, "longrepr", None), "reprcrash", None)
        _write(
            id=report.nodeid,
            when=report.when,
            outcome=report.outcome,
            xfail=hasattr(report, "wasxfail"),
            raised=_raised.get(report.nodeid + report.when),
            message=str(getattr(crash, "message", ""))[:2000],
        )

    def pytest_collectreport(self, report: Any) -> None:
        """A file that could not be collected."""
        if report.failed:
            _write(id=report.nodeid, when="collect", outcome="failed", message=str(report.longrepr)[-2000:])

    def pytest_sessionfinish(self, session: Any, exitstatus: Any) -> None:
        """The positive end mark, without which the file is not whole."""
        _write(end=int(exitstatus), collected=int(getattr(session, "testscollected", -1)))


def _note(item: Any, when: str, outcome: Any) -> None:
    # unittest's failures are put aside on the item instead of being raised.
    _raised[item.nodeid + when] = bool(outcome.excinfo) or bool(getattr(item, "_excinfo", None))


try:
    import pytest

    class _Witness(object):  # noqa: UP004
        """Sees whether the test itself raised, whatever other plugins make of it afterwards."""

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
