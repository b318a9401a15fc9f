"""A small image made from this machine's own programs: no registry, no download, a few seconds.

It satisfies the official interface: a repository in /testbed and its environment behind
`source /opt/miniconda3/bin/activate; conda activate testbed`.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import re
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

PROGRAMS = (
    *("bash", "sh", "env", "cat", "ls", "cp", "mv", "rm", "mkdir", "rmdir", "ln", "chmod", "touch", "sleep", "timeout"),
    *(
        "sort",
        "comm",
        "head",
        "tail",
        "true",
        "false",
        "id",
        "uname",
        "date",
        "seq",
        "tr",
        "wc",
        "cut",
        "tee",
        "dd",
        "yes",
    ),
    *(
        "stat",
        "readlink",
        "dirname",
        "basename",
        "mktemp",
        "nohup",
        "setsid",
        "awk",
        "sed",
        "grep",
        "find",
        "patch",
        "git",
        "gzip",
        "tar",
    ),
)
DISTRIBUTIONS = ("pytest", "pluggy", "iniconfig", "packaging", "pygments")
ACTIVATE = """\
conda() { [ "$1" = activate ] && PATH="/opt/miniconda3/envs/$2/bin:$PATH"; }
"""


def build_image(api: Any, repository: Path) -> str:
    """Import the image with `repository` as /testbed and return its name; one that is here already is taken."""
    files = dict(_all_files(repository))
    digest = hashlib.sha256(repr(sorted((name, len(data), mode) for name, (data, mode) in files.items())).encode())
    digest.update(b"".join(hashlib.sha256(files[name][0]).digest() for name in sorted(files)))
    name = f"ramp-test/toy:{digest.hexdigest()[:16]}"
    if not any(name in (image.get("RepoTags") or ()) for image in api.images()):
        repository_name, tag = name.split(":")
        api.import_image_from_data(_tar(files), repository=repository_name, tag=tag, changes=["WORKDIR /testbed"])
    return name


def _all_files(repository: Path) -> Iterator[tuple[str, tuple[bytes, int]]]:
    binaries = [Path(found).resolve() for program in PROGRAMS if (found := shutil.which(program))]
    for program in PROGRAMS:
        found = shutil.which(program)
        assert found or program in {"patch", "nohup", "setsid"}, f"{program} is not on this machine"
        if found:
            yield f"usr/bin/{program}", (Path(found).resolve().read_bytes(), 0o755)
    python = Path(sys.executable).resolve()
    yield str(python)[1:], (python.read_bytes(), 0o755)
    yield "opt/miniconda3/envs/testbed/bin/python", (f'#!/usr/bin/bash\nexec {python} "$@"\n'.encode(), 0o755)
    yield "opt/miniconda3/envs/testbed/bin/pytest", (f'#!/usr/bin/bash\nexec {python} -m pytest "$@"\n'.encode(), 0o755)
    yield "opt/miniconda3/bin/activate", (ACTIVATE.encode(), 0o755)
    yield "etc/passwd", (b"root:x:0:0:root:/root:/bin/bash\n", 0o644)
    yield "etc/group", (b"root:x:0:\n", 0o644)
    yield "root/.keep", (b"", 0o644)
    yield "tmp/.keep", (b"", 0o644)
    standard = list(_files_below(Path(sysconfig.get_path("stdlib")), skip=_NOT_STANDARD))
    for path in standard:
        yield str(path)[1:], (path.read_bytes(), 0o644)
    for name, path in _packages():
        yield f"{sysconfig.get_path('stdlib')[1:]}/{name}", (path.read_bytes(), 0o644)
    for library in _libraries([*binaries, python, *(p for p in standard if p.suffix == ".so")]):
        yield str(library)[1:], (library.read_bytes(), 0o755)
    for path in _files_below(repository, skip=()):
        mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
        yield f"testbed/{path.relative_to(repository)}", (path.read_bytes(), mode)


_NOT_STANDARD = (
    "site-packages",
    "dist-packages",
    "__pycache__",
    "test",
    "tests",
    "idlelib",
    "tkinter",
    "ensurepip",
    "lib2to3",
)


def _files_below(root: Path, skip: Iterable[str]) -> Iterator[Path]:
    skipped = set(skip)
    for path in sorted(root.rglob("*")):
        if path.is_file() and not skipped.intersection(path.relative_to(root).parts) and path.suffix != ".a":
            yield path


def _packages() -> Iterator[tuple[str, Path]]:
    """The test runner and what it needs, metadata too, by name below the library folder of the image's Python."""
    for name in DISTRIBUTIONS:
        for path in importlib.metadata.files(name) or ():
            if path.parts[0] != ".." and path.suffix != ".pyc":
                yield str(path), Path(str(path.locate()))


def _libraries(binaries: list[Path]) -> tuple[Path, ...]:
    """Every shared library that the binaries load, by the path they look for it at."""
    told = subprocess.run(["ldd", *map(str, binaries)], capture_output=True, text=True, check=False).stdout
    return tuple(dict.fromkeys(Path(found) for found in re.findall(r"(/\S+?) \(0x", told) if Path(found).is_file()))


def _tar(files: Mapping[str, tuple[bytes, int]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for link, target in (("bin", "usr/bin"), *((name, f"usr/{name}") for name in _merged_folders())):
            member = tarfile.TarInfo(link)
            member.type, member.linkname = tarfile.SYMTYPE, target
            archive.addfile(member)
        tmp = tarfile.TarInfo("tmp")
        tmp.type, tmp.mode = tarfile.DIRTYPE, 0o1777
        archive.addfile(tmp)
        for name, (data, mode) in files.items():
            member = tarfile.TarInfo(_unmerged(name))
            member.size, member.mode = len(data), mode
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def _merged_folders() -> tuple[str, ...]:
    """The library folders that are links into /usr on this machine, and so in the image."""
    return tuple(name for name in ("lib", "lib64") if Path("/", name).is_symlink())


def _unmerged(name: str) -> str:
    """A name below a linked folder is stored where the link points, so that no member lies under a link."""
    first = name.split("/", 1)[0]
    return f"usr/{name}" if first in _merged_folders() or first == "bin" else name
