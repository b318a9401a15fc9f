"""The ledger: what is committed stays, what is foreign is refused, and one process has it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchestrator.errors import LedgerError
from orchestrator.journey import Transition
from orchestrator.ledger import APPLICATION_ID, Ledger
from orchestrator.memory.runlock import lock_run
from orchestrator.records import Finding, FinishReason, Judgement, Reply


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A new ledger of two instances."""
    made = Ledger.create(tmp_path / "run" / "ledger.db", {"began_s": 1.5}, ("b__b-2", "a__a-1"))
    yield made
    made.close()


def step(seq: int, *records: Finding) -> Transition:
    """A transition to commit."""
    return Transition(seq, "A", "go", "B", tuple(records), attempt=1, duration_s=0.5, at_s=7.0, note="n")


def finding(output: bytes = b"\xff\x00out") -> Finding:
    """A record with bytes, text that is long, and a mapping."""
    return Finding("applies", "1.0", Judgement.FAIL, "é" * 900, behaviour={"t": "passed"}, output=output)


def test_what_is_committed_comes_back_equal(ledger: Ledger) -> None:
    """A transition with bytes, long text and enums is read back as it was."""
    ledger.commit("a__a-1", step(0, finding()))
    assert list(ledger.transitions("a__a-1")) == [step(0, finding())]
    assert list(ledger.transitions("b__b-2")) == []


def test_meta_and_order_of_instances_are_kept(ledger: Ledger) -> None:
    """The run's own facts and its order of instances survive."""
    ledger.set_meta("status", {"a": [1]})
    assert ledger.meta() == {"began_s": 1.5, "status": {"a": [1]}}
    assert ledger.instance_ids() == ("b__b-2", "a__a-1")


def test_the_same_step_twice_is_refused(ledger: Ledger) -> None:
    """Nothing is counted twice, and the ledger takes nothing more after such a failure."""
    ledger.commit("a__a-1", step(0))
    with pytest.raises(LedgerError, match="cannot be written"):
        ledger.commit("a__a-1", step(0))
    with pytest.raises(LedgerError):
        ledger.commit("a__a-1", step(1))


def test_equal_blobs_are_kept_once(ledger: Ledger) -> None:
    """Content-addressed: the same output in two findings takes one row."""
    ledger.commit("a__a-1", step(0, finding(), finding()))
    with sqlite3.connect(ledger.path) as connection:
        assert connection.execute("SELECT count(*) FROM blobs").fetchone()[0] == 2  # the output and the long reason
    connection.close()


def test_commits_of_many_threads_all_arrive_in_order(ledger: Ledger) -> None:
    """Callers wait for the one writer; each thread's own order holds, waited for or not."""

    def write(instance_id: str) -> None:
        for seq in range(40):
            ledger.commit(instance_id, step(seq), wait=seq % 5 == 0)
        ledger.commit(instance_id, step(40))

    threads = [threading.Thread(target=write, args=(f"t__t-{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for n in range(6):
        assert [t.seq for t in ledger.transitions(f"t__t-{n}")] == list(range(41))


def test_what_is_remembered_is_recalled_by_its_key(ledger: Ledger) -> None:
    """External results are kept with their type; another key knows nothing."""
    reply = Reply("text \ud800 with an odd character", FinishReason.STOP, "m")
    ledger.remember("call", "k", "a__a-1", reply, 1.0)
    assert ledger.recall("call", "k", Reply) == reply
    assert ledger.recall("call", "other", Reply) is None
    assert ledger.recall("run", "k", Reply) is None


def test_reading_sees_commits_of_another_connection(ledger: Ledger) -> None:
    """A reader beside the writer sees what is committed and cannot write."""
    ledger.commit("a__a-1", step(0))
    reader = Ledger(ledger.path, read_only=True)
    assert reader.last_states() == {"a__a-1": ("A", "B")}
    with pytest.raises(LedgerError, match="reading only"):
        reader.commit("a__a-1", step(1))
    reader.close()


def test_settling_waits_for_what_nobody_waited_for(ledger: Ledger) -> None:
    """While the disk is slow a reader does not see it yet; once settled it does, and the next step has its own number."""
    slow = sqlite3.connect(ledger.path, isolation_level=None, check_same_thread=False)
    slow.execute("BEGIN IMMEDIATE")
    ledger.commit("a__a-1", step(0), wait=False)
    assert list(ledger.transitions("a__a-1")) == []
    later = threading.Timer(0.3, slow.execute, ["ROLLBACK"])
    later.start()
    ledger.settle()
    assert list(ledger.transitions("a__a-1")) == [step(0)]
    ledger.commit("a__a-1", step(1))
    later.join()
    slow.close()


def test_the_database_is_written_safely(ledger: Ledger) -> None:
    """WAL is on, and the file says whose it is."""
    ledger.commit("a__a-1", step(0))
    connection = sqlite3.connect(ledger.path)
    assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert connection.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    connection.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not a ledger of swe-ramp"),
        (b"garbage that is no database, but long enough to be read as a header" * 10, "is damaged"),
    ],
)
def test_a_foreign_file_is_refused_and_left_untouched(tmp_path: Path, content: bytes, message: str) -> None:
    """An empty file would open as a valid empty database; it is refused like garbage."""
    path = tmp_path / "ledger.db"
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=message):
        Ledger(path)
    assert path.read_bytes() == content


def test_another_version_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    """A ledger of a later version is not half read."""
    ledger.close()
    connection = sqlite3.connect(ledger.path)
    connection.execute("PRAGMA user_version = 99")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="has ledger version 99"):
        Ledger(ledger.path)


@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_ledger_is_refused(tmp_path: Path, share: float) -> None:
    """A file cut short anywhere is damaged, and the message says what to do."""
    made = Ledger.create(tmp_path / "ledger.db", {}, ("a__a-1",))
    for seq in range(200):
        made.commit("a__a-1", step(seq, finding(bytes([seq]) * 300)), wait=seq == 199)
    made.close()
    whole = made.path.read_bytes()
    made.path.write_bytes(whole[: int(len(whole) * share) // 4096 * 4096 + 100])
    with pytest.raises(LedgerError, match="restore it from a copy"):
        Ledger(made.path)


def test_a_damaged_blob_is_noticed(ledger: Ledger) -> None:
    """Content addressing shows a blob that is not what it was."""
    sha256 = ledger.keep_blob(b"precious")
    connection = sqlite3.connect(ledger.path)
    connection.execute("UPDATE blobs SET data = (SELECT data FROM blobs LIMIT 1) || x'00'")
    connection.execute("DELETE FROM blobs")
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="missing or damaged"):
        ledger.blob(sha256)


def test_creating_over_an_existing_run_is_refused(ledger: Ledger) -> None:
    """A run is never overwritten; the message shows how to go on with it."""
    with pytest.raises(LedgerError, match="ramp resume run"):
        Ledger.create(ledger.path, {}, ())


def test_a_second_process_is_told_who_holds_the_run(tmp_path: Path) -> None:
    """The lock names its owner, and is free again when the owner has gone."""
    code = (
        "import sys; from pathlib import Path; from orchestrator.memory.runlock import lock_run\n"
        "with lock_run(Path(sys.argv[1])):\n  print('held', flush=True); sys.stdin.read()"
    )
    owner = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert owner.stdout is not None
    assert owner.stdout.readline() == b"held\n"
    with pytest.raises(LedgerError, match=f"in use by process {owner.pid}"), lock_run(tmp_path):
        pass
    owner.kill()
    owner.communicate()
    with lock_run(tmp_path):
        pass


def test_closing_waits_for_writes_that_nobody_waited_for(tmp_path: Path) -> None:
    """The end of the queue is found behind them, so that closing neither loses one nor hangs."""
    for number in range(30):
        path = tmp_path / str(number) / "ledger.db"
        made = Ledger.create(path, {}, ("a__a-1",))
        for seq in range(20):
            made.commit("a__a-1", step(seq), wait=False)
        closing = threading.Thread(target=made.close, daemon=True)
        closing.start()
        closing.join(timeout=30)
        assert not closing.is_alive()
        again = Ledger(path, read_only=True)
        assert len(list(again.transitions("a__a-1"))) == 20
        again.close()
