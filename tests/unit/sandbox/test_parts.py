"""The parts below the engines: watching, limits, control groups, the filter."""

from __future__ import annotations

import os
import struct
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.protocols import SandboxCommand, SandboxOutcome
from orchestrator.sandbox.cgroups import Group, find_parents, sweep_groups
from orchestrator.sandbox.limits import Limits, ulimit_command
from orchestrator.sandbox.seccomp import filter_program
from orchestrator.sandbox.watch import HeadAndTail, watch_output


@given(st.lists(st.binary(max_size=50)), st.integers(2, 60))
def test_head_and_tail_keep_both_ends(chunks: list[bytes], limit: int) -> None:
    """Short streams are kept whole; of long ones the first and last half of the limit, however they arrive."""
    kept = HeadAndTail(limit)
    for chunk in chunks:
        kept.add(chunk)
    whole, half = b"".join(chunks), limit // 2
    if len(whole) <= 2 * half:
        assert kept.bytes() == whole
        assert not kept.truncated
    else:
        assert kept.truncated
        assert kept.bytes().startswith(whole[:half])
        assert kept.bytes().endswith(whole[-half:])


def watch(feed: bytes, *, close: bool, **limits: float) -> tuple[SandboxOutcome | None, bytes, int]:
    """Watch a pipe that gets `feed`; returns outcome, output, and how often kill was called."""
    reader, writer = os.pipe()
    killed: list[int] = []

    def kill() -> None:
        killed.append(1)
        os.close(writer)

    def write() -> None:
        os.write(writer, feed)
        if close:
            os.close(writer)

    thread = threading.Thread(target=write)
    thread.start()
    watched = watch_output(reader, SandboxCommand("", **limits), kill)  # type: ignore[arg-type]
    thread.join()
    os.close(reader)
    return watched.cut_short, watched.output, len(killed)


def test_watching_ends_with_the_stream() -> None:
    """A closed stream is a normal end; nothing is killed."""
    assert watch(b"abc", close=True) == (None, b"abc", 0)


def test_watching_kills_once_at_each_limit() -> None:
    """Wall time, silence and output each end with their own outcome and one kill."""
    assert watch(b"abc", close=False, timeout_s=0.1) == (SandboxOutcome.TIMEOUT, b"abc", 1)
    assert watch(b"abc", close=False, idle_timeout_s=0.1) == (SandboxOutcome.IDLE_TIMEOUT, b"abc", 1)
    outcome, output, kills = watch(b"x" * 500, close=False, output_limit_bytes=100)
    assert (outcome, kills) == (SandboxOutcome.OUTPUT_LIMIT, 1)
    assert len(output) < 200


def test_ulimits_name_only_what_no_group_holds() -> None:
    """Address space and process count are set only where control groups do not limit them."""
    with_groups = ulimit_command(Limits(), 10, address_space=False, processes=False)
    without = ulimit_command(Limits(), 10, address_space=True, processes=True)
    assert "ulimit -t 41" in with_groups
    assert "-v" not in with_groups
    assert "ulimit -v 2097152" in without
    assert "ulimit -u" in without


def fake_cgroups(root: Path, membership: str) -> Path:
    """A membership file beside a fake mount."""
    file = root / "membership"
    file.write_text(membership)
    return file


def test_groups_of_version_1_are_found_below_our_own(tmp_path: Path) -> None:
    """Memory and pids, each in its own hierarchy, and only where we may write."""
    for name in ("memory/us", "pids"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "cgroup.procs").touch()
    parents = find_parents(tmp_path, fake_cgroups(tmp_path, "4:memory:/us\n3:cpu:/\n2:pids:/\n"))
    assert {(parent.directory.relative_to(tmp_path).as_posix(), parent.version) for parent in parents} == {
        ("memory/us", 1),
        ("pids", 1),
    }


def test_groups_of_version_2_are_found_where_controllers_are_handed_down(tmp_path: Path) -> None:
    """A leaf hands nothing down, its parent does; an undelegated hierarchy gives nothing."""
    leaf = tmp_path / "slice" / "leaf"
    leaf.mkdir(parents=True)
    for folder, controllers in ((leaf, ""), (leaf.parent, "cpu memory pids")):
        (folder / "cgroup.procs").touch()
        (folder / "cgroup.subtree_control").write_text(controllers)
    (parent,) = find_parents(tmp_path, fake_cgroups(tmp_path, "0::/slice/leaf\n"))
    assert (parent.directory, parent.controllers, parent.version) == (leaf.parent, {"memory", "pids"}, 2)
    (leaf.parent / "cgroup.subtree_control").write_text("cpu")
    assert find_parents(tmp_path, tmp_path / "membership") == ()
    assert find_parents(tmp_path, tmp_path / "absent") == ()


def test_real_groups_are_made_limited_swept_and_removed() -> None:
    """Where this machine lets us: a group appears, its limits hold the figures, sweeping removes what was left."""
    parents = find_parents()
    if not parents:
        pytest.skip("no control group is delegated to us here")
    group = Group(parents, Limits(memory_bytes=2**28), "unittest")
    assert group.applied
    assert group.oom_kills() == 0
    folders = [Path(file).parent for file in group.procs_files]
    assert all(folder.is_dir() for folder in folders)
    assert sweep_groups(parents, "unittest-other") == 0
    assert sweep_groups(parents, "unit") == 0
    assert sweep_groups(parents, "unittest") == 1
    assert not any(folder.exists() for folder in folders)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_the_filter_is_a_well_formed_program(machine: str) -> None:
    """Whole instructions, jumps that stay inside, a return at the end; none for machines we do not know."""
    program = [
        struct.unpack("=HBBI", part)
        for part in (filter_program(machine)[i : i + 8] for i in range(0, len(filter_program(machine)), 8))
    ]
    assert len(program) > 60
    assert program[-1] == (0x06, 0, 0, 0x7FFF0000)
    assert all(index + 1 + max(jt, jf) < len(program) for index, (_, jt, jf, _) in enumerate(program[:-1]))
    assert filter_program("riscv64") == b""
