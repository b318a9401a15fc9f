"""Many blobs from one `git cat-file --batch`, without waiting for each before the next is asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from orchestrator.errors import RepositoryError
from orchestrator.repo.plumbing import start_git


def stream_blobs(git_dir: Path, blob_ids: Sequence[str]) -> Iterator[tuple[str, bytes | None]]:
    """Contents in the order asked for, held one at a time; None for a blob that git lacks.

    The ids go in by a file, so that git never waits for a reader that is still writing, nor the other way round. Raises
    RepositoryError where an id is of something else, or git ends early.
    """
    if not blob_ids:
        return
    with tempfile.TemporaryFile(dir=git_dir) as ids:
        ids.write("".join(f"{blob_id}\n" for blob_id in blob_ids).encode())
        ids.seek(0)
        process = start_git(git_dir, "cat-file", "--batch", "--buffer", stdin=ids)
    assert process.stdout is not None
    try:
        for blob_id in blob_ids:
            head = process.stdout.readline().split()
            if head[1:] == [b"missing"]:
                yield blob_id, None
                continue
            if len(head) != 3:
                raise RepositoryError(f"git ended before it gave blob {blob_id}; check the clone with `git fsck`")
            if head[1] != b"blob":
                raise RepositoryError(f"{blob_id} is a {head[1].decode()}, not a blob")
            content = process.stdout.read(int(head[2]) + 1)[:-1]
            if len(content) != int(head[2]):
                raise RepositoryError(f"git ended within blob {blob_id}; check the clone with `git fsck`")
            yield blob_id, content
    finally:
        process.stdout.close()
        process.kill()
        process.wait()
