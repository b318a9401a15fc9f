"""The command line: one file per verb, thin. One of the two places with a broad except."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main() -> None:
    """Run `ramp` and exit: 0 done, 1 for the user to fix, 2 usage, 3 our bug, 4 the gate says no, 5 a replay differs."""
    import gc

    from orchestrator.cli.verbs import app_for

    # Importing and reading make many objects and little garbage: looking for it at every 700 took a tenth of a short command.
    gc.set_threshold(50_000, 20, 20)
    sys.exit(guarded(app_for(sys.argv[1:]), sys.argv[1:]))


def guarded(app: object, arguments: Sequence[str]) -> int:
    """Run a command and turn what it raises into a message and an exit code."""
    from orchestrator.errors import RampError

    try:
        app(list(arguments), standalone_mode=True)  # type: ignore[operator]
    except RampError as error:
        print(f"ramp: {error}", file=sys.stderr)  # noqa: T201
        return error.exit_code
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except Exception:  # noqa: BLE001 - the last line of defence: keep the trace, say where it is
        return _report_bug()
    return 0


def _report_bug() -> int:
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="ramp-crash-", suffix=".log", delete=False) as log:
        traceback.print_exc(file=log)
    print(f"ramp: this is a bug of ours; please report it with {log.name}", file=sys.stderr)  # noqa: T201
    return 3
