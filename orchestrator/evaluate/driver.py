"""The main process of a grading container: swebench's apply ladder, then the row's grading script.

Both do what `swebench.harness.run_evaluation.run_instance` (5.0.2) does in several `docker exec`. A line with a nonce ends
the ladder's part of the output; it is printed before anything of the repository has run, and only the first one counts.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from orchestrator.evaluate.upstream import apply_ladder, patch_file
from orchestrator.protocols import SandboxCommand

# The harness has it at /eval.sh; some sandboxes take files below /tmp only.
EVAL_SCRIPT = "/tmp/eval.sh"  # noqa: S108 - inside the sandbox
_RESET = "git checkout -- . ; git clean -fd"
_LADDER = """\
apply_patch() {{
{tries}
  # The tries can leave the patch in place while each of them says that it failed.
  git apply --check --reverse {patch}
}}
if ! apply_patch; then printf '\\n{nonce} not-applied\\n'; exit 1; fi
"""


@dataclass(frozen=True, slots=True)
class GradingRun:
    """A grading command and the nonce that its output is read with."""

    command: SandboxCommand
    nonce: str

    def read(self, output: bytes) -> tuple[bool, bytes, bytes]:
        """Whether the patch went in, what the ladder printed, and what the grading script printed."""
        ladder, found, graded = output.partition(f"\n{self.nonce} applied\n".encode())
        return bool(found), ladder, graded


def grading_run(
    eval_script: str,
    patch: bytes | None,
    *,
    timeout_s: float,
    output_limit_bytes: int,
    secret: bytes = b"",
    **environment: str,
) -> GradingRun:
    """The command that grades one patch in a pristine sandbox; `patch=None` runs the tests without one.

    With a `secret` the same grading is the same command, so that a container that outlived a killed run is found again.
    """
    asked = "\0".join([eval_script, *sorted(environment.values())]).encode() + b"\0" + (patch or b"")
    nonce = hmac.new(secret, asked, hashlib.sha256).hexdigest()[:32] if secret else secrets.token_hex(16)
    lines = "" if patch is None else _ladder(nonce)
    script = f"{lines}printf '\\n{nonce} applied\\n'\nexec /bin/bash {EVAL_SCRIPT}\n"
    files = {EVAL_SCRIPT: eval_script.encode()}
    if patch is not None:
        files[patch_file()] = patch
    command = SandboxCommand(
        script=script,
        files=files,
        environment=environment,
        timeout_s=timeout_s,
        output_limit_bytes=output_limit_bytes,
        purpose="evaluate",
    )
    return GradingRun(command, nonce)


def _ladder(nonce: str) -> str:
    patch = patch_file()
    tries = f"\n  {_RESET}\n".join(f"  {command} {patch} && return 0" for command in apply_ladder())
    return _LADDER.format(tries=tries, patch=patch, nonce=nonce)
