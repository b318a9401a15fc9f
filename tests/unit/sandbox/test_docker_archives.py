"""Files on their way into a container and out of it, and output within its cap."""

from __future__ import annotations

import io
import tarfile

import pytest

from orchestrator.sandbox.docker_archives import pack, take_one_file
from orchestrator.sandbox.docker_output import CappedOutput
from tests.unit.sandbox.fake_engine import tar_of


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    """A tar member."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname = kind, target
    return made


@pytest.mark.parametrize(
    "archive",
    [
        tar_of((member("r", tarfile.SYMTYPE, "/etc/hostname"), b"")),
        tar_of((member("r", tarfile.LNKTYPE, "/etc/hostname"), b"")),
        tar_of((member("r", tarfile.DIRTYPE), b"")),
        tar_of((member("r"), b"x"), (member("../../evil"), b"x")),
        tar_of((member("r", tarfile.FIFOTYPE), b"")),
        tar_of(),
        b"no archive",
        tar_of((member("r"), b"x" * 101)),
        tar_of((member("r"), b"x" * 200_000)),
    ],
)
def test_only_one_regular_file_of_the_right_size_comes_out(archive: bytes) -> None:
    """Links, devices, several members, giants and garbage are refused; nothing is written anywhere."""
    with pytest.raises(ValueError, match=r"is |came "):
        take_one_file([archive], 100)


def test_a_regular_file_comes_out_whole() -> None:
    """Also in small pieces, and at exactly the limit."""
    archive = tar_of((member("r"), b"x" * 100))
    assert take_one_file([archive[i : i + 7] for i in range(0, len(archive), 7)], 100) == b"x" * 100


@pytest.mark.parametrize("path", ["relative", "/a/../b", "/a//b", "/a/"])
def test_only_plain_absolute_paths_go_in(path: str) -> None:
    """A path that could mean another one is a bug of the caller's."""
    with pytest.raises(ValueError, match="plain absolute"):
        pack({path: b""})


def test_packed_files_arrive_below_the_root() -> None:
    """Names lose their leading slash only."""
    with tarfile.open(fileobj=io.BytesIO(pack({"/ramp/a": b"1", "/eval.sh": b"2"}))) as archive:
        assert archive.getnames() == ["ramp/a", "eval.sh"]


def test_output_is_kept_within_its_cap() -> None:
    """Head and tail stay, and memory does too."""
    output = CappedOutput(1000)
    for i in range(10_000):
        output.add(b"%09d\n" % i)
    kept, truncated = output.finish()
    assert truncated
    assert kept.startswith(b"000000000\n")
    assert kept.endswith(b"000009999\n")
    assert len(kept) < 1100
    assert output.is_runaway
