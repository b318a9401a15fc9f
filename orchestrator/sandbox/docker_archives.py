"""Files on their way into a container, and one file on its way out."""

from __future__ import annotations

import io
import posixpath
import tarfile
from collections.abc import Iterable, Mapping

_TAR_OVERHEAD_BYTES = 64 * 1024


def pack(files: Mapping[str, bytes]) -> bytes:
    """A tar of files by absolute path, to be unpacked at /. Owned by root, mode 0755, so scripts can be run."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            if not path.startswith("/") or posixpath.normpath(path) != path:
                raise ValueError(f"{path!r} is not a plain absolute path")
            member = tarfile.TarInfo(path.lstrip("/"))
            member.size = len(content)
            member.mode = 0o755
            archive.addfile(member, io.BytesIO(content))
    return buffer.getvalue()


def take_one_file(stream: Iterable[bytes], limit_bytes: int) -> bytes:
    """The content of the one regular file in a tar that a container gives out; nothing is written to disk.

    Raises ValueError for anything else: links, directories, more than one member, or more than `limit_bytes`.
    """
    packed = bytearray()
    for chunk in stream:
        packed += chunk
        if len(packed) > limit_bytes + _TAR_OVERHEAD_BYTES:
            raise ValueError(f"is larger than {limit_bytes:,} bytes")
    try:
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            members = archive.getmembers()
            if len(members) != 1 or not members[0].isreg():
                raise ValueError("is not one regular file")
            if members[0].size > limit_bytes:
                raise ValueError(f"is larger than {limit_bytes:,} bytes")
            content = archive.extractfile(members[0])
            return content.read() if content else b""
    except tarfile.TarError as error:
        raise ValueError(f"came as a broken archive: {error}") from error
