"""Many instances: claim, run, obey stop and budget. One of the two places with a broad except: one instance's bug is its own."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace

from orchestrator.errors import LedgerError, RampError
from orchestrator.journey import Journey, Transition, replay_journey
from orchestrator.ledger import Ledger
from orchestrator.loop import repair
from orchestrator.machine import Machine
from orchestrator.steps import Step, Tools, Workbench

CRASH_SHARE = 0.10
CRASHES_ALLOWED = 2  # below this many the share says nothing


class TooManyCrashes(RampError):
    """More than a tenth of the instances crashed: the bug is ours, and going on would only waste tokens."""


class StillWorking(RampError):
    """A stop was asked for, and a call or a command under way has not ended in time. It is done again when the run resumes."""


class Run:
    """The instances of one run, driven by a few threads. `stop` asks for a clean end at the next step of each."""

    def __init__(self, machine: Machine, steps: Mapping[str, Step], tools: Tools) -> None:
        self._machine = machine
        self._steps = steps
        self._tools = tools
        self._crashes = 0
        self._lock = threading.Lock()
        self._fatal: RampError | None = None

    def drive(self, instance_ids: Sequence[str], workers: int, *, retry: frozenset[str] = frozenset()) -> None:
        """Bring every instance to a final state; what is final already is left alone, but for the states in `retry`.

        Raises what makes going on pointless: a ledger that cannot be written, too many crashes; and StillWorking where a
        stop was asked for and some step takes too long to end.
        """
        pool = ThreadPoolExecutor(workers, thread_name_prefix="instance")
        try:
            pending = {pool.submit(self._drive_one, instance_id, retry) for instance_id in instance_ids}
            while pending:
                done, pending = wait(pending, timeout=0.2)
                for future in done:
                    future.result()
                if self._tools.is_overdue():
                    raise StillWorking(f"{len(pending)} instances are still in the middle of a step")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if self._fatal is not None:
            raise self._fatal

    def _drive_one(self, instance_id: str, retry: frozenset[str]) -> None:
        if self._fatal is not None or self._tools.stop_reason():
            return
        journey = where_it_stands(self._tools.ledger, self._machine, instance_id, retry)
        if self._machine.is_final(journey.state):
            return
        bench = Workbench(self._tools, journey)
        try:
            repair(journey, self._machine, self._steps, bench, self._tools.ledger)
        except LedgerError as error:
            self._fatal = error
        except Exception:  # noqa: BLE001 - one instance's bug must not take the others along
            self._crashed(instance_id, traceback.format_exc())
        finally:
            bench.close()

    def _crashed(self, instance_id: str, trace: str) -> None:
        ledger, clock = self._tools.ledger, self._tools.clock
        ledger.settle()  # the last step may have gone unwaited, and its number must not be given twice
        journey = where_it_stands(ledger, self._machine, instance_id)
        target = self._machine.always["crashed"]
        transition = Transition(
            journey.seq, journey.state, "crashed", target, attempt=len(journey.attempts), at_s=clock.wall(), note=trace
        )
        ledger.commit(instance_id, transition)
        self._tools.observer.moved(journey.after(transition), transition)
        with self._lock:
            self._crashes += 1
            total = len(ledger.instance_ids())
            if self._crashes > max(CRASHES_ALLOWED, CRASH_SHARE * total):
                self._fatal = TooManyCrashes(
                    f"{self._crashes} of {total} instances crashed, the last one {instance_id}:\n{trace}"
                )


def where_it_stands(ledger: Ledger, machine: Machine, instance_id: str, retry: frozenset[str] = frozenset()) -> Journey:
    """An instance's journey from the ledger alone. Stopped, or ended in a state of `retry`, it stands where it was before."""
    transitions = tuple(ledger.transitions(instance_id))
    journey = replay_journey(instance_id, machine.start, transitions)
    again = {machine.always["stopped"], *retry}
    if transitions and journey.state in again:
        return replace(journey, state=transitions[-1].state)
    return journey
