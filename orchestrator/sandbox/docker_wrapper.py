"""The script that is a container's main process: write its files, apply the patch, then run the command.

Its first line of output, before anything of the repository runs, says with a nonce how that went. What comes later can
say what it likes: only the first line counts.
"""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Mapping
from dataclasses import dataclass

from orchestrator.protocols import SandboxCommand
from orchestrator.sandbox.docker_settings import NO_NETWORK, DockerSettings

# Not at /: in some images and engines it is closed to a root without capabilities. Hidden from programs that look through /tmp.
_FOLDER = "/tmp/.ramp"  # noqa: S108 - inside the sandbox
BYTE_CODE_LIST = f"{_FOLDER}-byte-code"
# Linux takes 128 KiB an argument, and 2 MB in all where the stack has its usual limit.
_LONGEST_ARGUMENT_BYTES = 100_000
_ALL_ARGUMENTS_BYTES = 500_000
_ORPHAN_GRACE_S = 60
STATUSES = ("ready", "refused", "nowhere", "networked")
"""The command runs; the patch does not apply; the image has no repository root; there is a network though none was asked for."""
# Putting files into a container costs the engine a fifth of a start, so where they fit it gets them as arguments.
_WRITE_FILES = """\
mkdir -p {folders} || exit 1
for file in {files}; do printf %s "$1" > "$file" && shift || exit 1; done
chmod 755 {files}
"""
# Without the engine's networking nobody writes /etc/hosts; and a route says that there is a network all the same.
_NO_NETWORK = """\
printf '127.0.0.1\\tlocalhost\\n::1\\tlocalhost ip6-localhost ip6-loopback\\n' 2> /dev/null > /etc/hosts
if {{ read -r _ && read -r _; }} < /proc/net/route; then printf '%s networked\\n' {nonce}; exit 1; fi
"""
_APPLY_PATCH = """\
cd {root} 2> /dev/null || {{ printf '%s nowhere\\n' {nonce}; exit 1; }}
if [ -s {folder}/patch.diff ]; then
  if ! told=$(git -c safe.directory='*' -c core.fsmonitor=false apply --whitespace=nowarn {folder}/patch.diff 2>&1); then
    printf '%s refused\\n%s\\n' {nonce} "$told"
    exit 1
  fi
fi
printf '%s ready\\n' {nonce}
"""
_RUN = "exec timeout --kill-after=10 {orphan_s} /bin/bash {folder}/command.sh\n"
_RUN_AND_LIST = """\
: > {folder}/started
timeout --kill-after=10 {orphan_s} /bin/bash {folder}/command.sh
status=$?
find . -newer {folder}/started -path '*/__pycache__/*.pyc' > {byte_code_list} 2> /dev/null
exit $status
"""


@dataclass(frozen=True, slots=True)
class MainProcess:
    """A container's main process, and the files by absolute path that it must find where they do not fit in its arguments."""

    arguments: list[str]
    files: Mapping[str, bytes]


def main_process(
    command: SandboxCommand, nonce: str, settings: DockerSettings, *, lists_byte_code: bool = False
) -> MainProcess:
    """The process that runs a command in the repository's root.

    With `lists_byte_code` the paths of the byte code that the command left are in BYTE_CODE_LIST, one a line.
    The outer `timeout` ends a container whose orchestrator was killed; while we live, our own clock comes first.
    """
    folder = f"{_FOLDER}-{nonce}"
    files = {f"{folder}/command.sh": command.script.encode(), f"{folder}/patch.diff": command.patch, **command.files}
    carried = _carried(files)
    write = _WRITE_FILES if carried else ""
    offline = _NO_NETWORK if settings.network == NO_NETWORK else ""
    script = "exec 2>&1\n" + write + offline + _APPLY_PATCH + (_RUN_AND_LIST if lists_byte_code else _RUN)
    return MainProcess(
        [
            "/bin/bash",
            "-c",
            script.format(
                folders=shlex.join(sorted({*map(posixpath.dirname, files)})),
                files=shlex.join(files),
                root=shlex.quote(settings.repository_root),
                folder=folder,
                nonce=nonce,
                byte_code_list=BYTE_CODE_LIST,
                orphan_s=int(command.timeout_s) + _ORPHAN_GRACE_S,
            ),
            "ramp",
            *(carried or {}).values(),
        ],
        {} if carried else files,
    )


def _carried(files: Mapping[str, bytes]) -> dict[str, str] | None:
    """The files as arguments, or None where they do not fit."""
    texts = {path: _as_argument(content) for path, content in files.items()}
    if sum(map(len, files.values())) > _ALL_ARGUMENTS_BYTES:
        return None
    carried = {path: text for path, text in texts.items() if text is not None}
    return carried if len(carried) == len(files) else None


def _as_argument(content: bytes) -> str | None:
    if len(content) > _LONGEST_ARGUMENT_BYTES or b"\0" in content:
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        # Arguments go to the engine as JSON, which has no other bytes.
        return None


def read_status(output: bytes, nonce: str) -> tuple[str, bytes]:
    """The wrapper's status (one of `STATUSES`; empty where it never spoke), and the output without that line."""
    first, _, rest = output.partition(b"\n")
    spoken, _, status = first.partition(b" ")
    if spoken == nonce.encode() and status.decode(errors="replace") in STATUSES:
        return status.decode(), rest
    return "", output
