"""Byte code of an image: made once, on the second use, and never in the way of the run that wanted it."""

from __future__ import annotations

import gzip
import io
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from orchestrator.errors import SandboxError
from orchestrator.protocols import SandboxCommand, SandboxOutcome, SandboxResult
from orchestrator.sandbox.docker_archives import pack
from orchestrator.sandbox.docker_bytecode import Bytecode

PACKED = gzip.compress(b"tar")


class Container:
    """A fresh container that gives what it is told to; counts how often it was asked."""

    def __init__(self, answer: SandboxResult | None = None) -> None:
        self.answer = answer or SandboxResult(SandboxOutcome.EXITED, 0, b"", PACKED)
        self.asked: list[SandboxCommand] = []

    def __call__(self, command: SandboxCommand) -> SandboxResult:
        self.asked.append(command)
        return self.answer


def test_it_is_made_on_the_second_use_and_known_from_then_on(tmp_path: Path) -> None:
    """Also to another process, and only for the image and set-up that it was made for."""
    bytecode, container = Bytecode(tmp_path), Container()
    assert [bytecode.packed("sha256:a", "activate", container) for _ in range(3)] == [b"", PACKED, PACKED]
    (asked,) = container.asked
    assert (asked.script.split("\n")[0], asked.patch) == ("activate", b"")
    assert Bytecode(tmp_path).packed("sha256:a", "activate", container) == PACKED
    assert Bytecode(tmp_path).packed("sha256:b", "activate", container) == b""
    assert Bytecode(tmp_path).packed("sha256:a", "other", container) == b""
    assert len(container.asked) == 1


def test_an_image_without_python_is_asked_once(tmp_path: Path) -> None:
    """That it has none is kept too."""
    container = Container(SandboxResult(SandboxOutcome.EXITED, 1, b"", b""))
    for _ in range(2):
        bytecode = Bytecode(tmp_path)
        assert [bytecode.packed("sha256:a", "", container) for _ in range(3)] == [b"", b"", b""]
    assert len(container.asked) == 1


@pytest.mark.parametrize("outcome", [SandboxOutcome.TIMEOUT, SandboxOutcome.INFRA, SandboxOutcome.KILLED])
def test_trouble_with_making_it_is_not_kept_and_not_repeated(tmp_path: Path, outcome: SandboxOutcome) -> None:
    """The next process may have more luck; this one goes on without."""
    container = Container(SandboxResult(outcome, None, b""))
    bytecode = Bytecode(tmp_path)
    assert [bytecode.packed("sha256:a", "", container) for _ in range(4)] == [b""] * 4
    assert len(container.asked) == 1
    assert list(tmp_path.iterdir()) == []


def test_an_engine_that_is_gone_is_the_wanting_runs_business(tmp_path: Path) -> None:
    """Nothing is raised here."""

    def gone(_command: SandboxCommand) -> SandboxResult:
        raise SandboxError("no engine")

    bytecode = Bytecode(tmp_path)
    assert [bytecode.packed("sha256:a", "", gone) for _ in range(2)] == [b"", b""]


def test_nobody_waits_for_it(tmp_path: Path) -> None:
    """While one thread has it made, the others run without."""
    bytecode, entered, leave = Bytecode(tmp_path), threading.Event(), threading.Event()

    def slow(_command: SandboxCommand) -> SandboxResult:
        entered.set()
        assert leave.wait(10)
        return SandboxResult(SandboxOutcome.EXITED, 0, b"", PACKED)

    def packed() -> bytes:
        return bytecode.packed("sha256:a", "", slow)

    packed()
    made: list[bytes] = []
    maker = threading.Thread(target=_keeping(made, packed))
    maker.start()
    assert entered.wait(10)
    assert packed() == b""
    leave.set()
    maker.join(10)
    assert made == [PACKED]


def _keeping(into: list[bytes], call: Callable[[], bytes]) -> Callable[[], None]:
    return lambda: into.append(call())


def test_files_and_byte_code_are_one_archive() -> None:
    """Whoever unpacks it finds both."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("testbed/pkg/__pycache__/a.pyc")
        member.size = 3
        archive.addfile(member, io.BytesIO(b"pyc"))
    whole = pack({"/in/a": b"a" * 1000, "/in/b": b""}, buffer.getvalue())
    with tarfile.open(fileobj=io.BytesIO(whole)) as archive:
        contents = {each.name: archive.extractfile(each).read() for each in archive}  # type: ignore[union-attr]
    assert contents == {"in/a": b"a" * 1000, "in/b": b"", "testbed/pkg/__pycache__/a.pyc": b"pyc"}
