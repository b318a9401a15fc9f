"""The script that is a container's main process: apply the patch, then run the command.

Its first line of output, before anything of the repository runs, says with a nonce how that went. What comes later can
say what it likes: only the first line counts.
"""

from __future__ import annotations

import shlex

from orchestrator.protocols import SandboxCommand

_ORPHAN_GRACE_S = 60
_SCRIPT = """\
exec 2>&1
cd {root} || {{ printf '%s nowhere\\n' {nonce}; exit 1; }}
if [ -s {folder}/patch.diff ]; then
  if ! told=$(git -c safe.directory='*' -c core.fsmonitor=false apply --whitespace=nowarn {folder}/patch.diff 2>&1); then
    printf '%s refused\\n%s\\n' {nonce} "$told"
    exit 1
  fi
fi
printf '%s ready\\n' {nonce}
"""
_RUN = "exec timeout --kill-after=10 {orphan_s} /bin/bash {folder}/command.sh\n"
BYTE_CODE_LIST = "/ramp-byte-code"
_RUN_AND_LIST = f"""\
: > {{folder}}/started
timeout --kill-after=10 {{orphan_s}} /bin/bash {{folder}}/command.sh
status=$?
find . -newer {{folder}}/started -path '*/__pycache__/*.pyc' > {BYTE_CODE_LIST} 2> /dev/null
exit $status
"""


def wrapper_files(command: SandboxCommand, nonce: str, root: str, *, lists_byte_code: bool = False) -> dict[str, bytes]:
    """All files that a command's container gets, by absolute path.

    With `lists_byte_code` the paths of the byte code that the command left are in BYTE_CODE_LIST, one a line.
    The outer `timeout` ends a container whose orchestrator was killed; while we live, our own clock comes first.
    """
    folder = f"/ramp-{nonce}"
    orphan_s = int(command.timeout_s) + _ORPHAN_GRACE_S
    script = _SCRIPT + (_RUN_AND_LIST if lists_byte_code else _RUN)
    wrapper = script.format(root=shlex.quote(root), folder=folder, nonce=nonce, orphan_s=orphan_s)
    return {
        f"{folder}/main.sh": wrapper.encode(),
        f"{folder}/command.sh": command.script.encode(),
        f"{folder}/patch.diff": command.patch,
        **command.files,
    }


def main_process(nonce: str) -> list[str]:
    """The container's command."""
    return ["/bin/bash", f"/ramp-{nonce}/main.sh"]


def read_status(output: bytes, nonce: str) -> tuple[str, bytes]:
    """The wrapper's status (ready, refused, nowhere; empty where it never spoke), and the output without that line."""
    first, _, rest = output.partition(b"\n")
    spoken, _, status = first.partition(b" ")
    if spoken == nonce.encode() and status in {b"ready", b"refused", b"nowhere"}:
        return status.decode(), rest
    return "", output
