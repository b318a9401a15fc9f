"""The official verdict on a frozen patch: the only code that opens a Sealed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from orchestrator.errors import SandboxError
from orchestrator.evaluate.driver import grading_run
from orchestrator.evaluate.lean import lean_script
from orchestrator.evaluate.settings import EvaluateSettings
from orchestrator.evaluate.suspicion import suspicion
from orchestrator.evaluate.upstream import make_test_spec, report_on, upstream_version
from orchestrator.protocols import Sandbox, SandboxOutcome, SandboxResult
from orchestrator.records import Evaluation, Sealed, Task

OpenSandbox = Callable[[Task], Sandbox]
"""Opens a sandbox in the task's pristine environment; raises MissingPiece or SandboxError."""

# Our own limits and the machine's troubles. A time-out is the patch's own: the harness counts it as an error, not as infra.
_INFRA = {
    SandboxOutcome.OOM,
    SandboxOutcome.KILLED,
    SandboxOutcome.INFRA,
    SandboxOutcome.OUTPUT_LIMIT,
    SandboxOutcome.PATCH_FAILED,
}


@dataclass(frozen=True, slots=True)
class _Raw:
    """One run of the grading script: outcome in words, and what it printed, decoded as the harness does."""

    outcome: str
    test_output: str
    ladder: str
    infra: str
    duration_s: float


class Evaluator:
    """Grades patches in fresh sandboxes by swebench's own rules. It keeps no state: a verdict depends on its arguments alone.

    The engine behind `open_sandbox` decides network and capabilities; its profile is stamped on every verdict. `secret` is
    the run's own and makes nonces that a resumed run can make again.
    """

    def __init__(
        self,
        open_sandbox: OpenSandbox,
        settings: EvaluateSettings = EvaluateSettings(),  # noqa: B008
        secret: bytes = b"",
    ) -> None:
        self.open_sandbox = open_sandbox
        self._settings = settings
        self._secret = secret

    def version(self) -> Mapping[str, str]:
        """What decides verdicts besides row, patch and sandbox: part of every cache key."""
        return {**self._settings.stamps(), "swebench": upstream_version()}

    def grade(self, task: Task, sealed: Sealed, patch: bytes, *, model_name: str) -> Evaluation:
        """The verdict on a patch. `resolved` is None where the environment failed; `infra` says how.

        An empty patch is unresolved without a run, by the harness's rule. With `repeat` set, more runs under other
        hash seeds follow and `stamps["draw"]` says whether their verdicts differ; the first run's stands. Raises
        MissingPiece (no image).
        """
        if not patch:
            return Evaluation(_sha256(patch), resolved=False, report={}, stamps=self._stamps(task, None, "empty_patch"))
        seeds = (None, *map(str, range(self._settings.repeat)))
        verdicts = [self._grade_once(task, sealed, patch, model_name, seed) for seed in seeds]
        if len(verdicts) == 1:
            return verdicts[0]
        letters = "".join({True: "R", False: "U", None: "I"}[verdict.resolved] for verdict in verdicts)
        draw = "R" in letters and "U" in letters
        stamps = {**verdicts[0].stamps, "verdicts_by_seed": letters, "draw": str(draw).lower()}
        return replace(verdicts[0], stamps=stamps, duration_s=sum(verdict.duration_s for verdict in verdicts))

    def grade_unpatched(self, task: Task, sealed: Sealed) -> Evaluation:
        """The verdict on the repository as it is: what a preflight expects to be unresolved."""
        return self._grade_once(task, sealed, None, "unpatched", None)

    def _grade_once(
        self, task: Task, sealed: Sealed, patch: bytes | None, model_name: str, seed: str | None
    ) -> Evaluation:
        spec = make_test_spec(sealed.row)
        sandbox, raw = self._run(task, sealed, spec.eval_script, patch, seed)
        text = (patch or b"").decode("utf-8", "replace")
        report: Mapping[str, Any] = {}
        resolved: bool | None = None if raw.infra else False
        if raw.outcome == "graded":
            prediction = {"instance_id": task.instance_id, "model_name_or_path": model_name, "model_patch": text}
            report = report_on(spec, prediction, raw.test_output)
            resolved = bool(report[task.instance_id]["resolved"])
        stamps = self._stamps(task, sandbox, raw.outcome) | ({"hash_seed": seed} if seed else {})
        return Evaluation(
            patch_sha256=_sha256(patch or b""),
            resolved=resolved,
            report=report,
            test_output=(raw.test_output or raw.ladder).encode("utf-8"),
            infra=raw.infra,
            suspicion=suspicion(task.repo, spec.log_parser, text, raw.test_output, resolved=bool(resolved)),
            stamps=stamps,
            duration_s=raw.duration_s,
        )

    def _run(
        self, task: Task, sealed: Sealed, script: str, patch: bytes | None, seed: str | None
    ) -> tuple[Sandbox | None, _Raw]:
        if self._settings.lean:
            script = lean_script(script, (patch or b"").decode("utf-8", "replace"), sealed.test_patch)
        try:
            sandbox = self.open_sandbox(task)
            environment = {"PYTHONHASHSEED": seed} if seed else {}
            if not sandbox.profile.network:
                # Without a network pip would only wait for its retries; the script and its result stay the same.
                environment["PIP_NO_INDEX"] = "1"
            run = grading_run(
                script, patch, timeout_s=self._settings.timeout_s,
                output_limit_bytes=self._settings.output_limit_bytes, secret=self._secret, **environment,
            )  # fmt: skip
            result = sandbox.run(run.command)
        except SandboxError as error:
            return None, _Raw("infra", "", "", str(error), 0.0)
        applied, ladder, graded = run.read(result.output)
        return sandbox, _read(result, applied, ladder, graded, self._settings.timeout_s)

    def _stamps(self, task: Task, sandbox: Sandbox | None, outcome: str) -> dict[str, str]:
        """Everything that a verdict depends on besides the patch."""
        stamps = {
            **self.version(),
            "outcome": outcome,
            "row_sha256": task.row_sha256,
            "disclosure": task.disclosure,
        }
        if sandbox is not None:
            profile = sandbox.profile
            stamps |= {f"limit_{name}": value for name, value in profile.limits.items()}
            stamps |= {
                "sandbox": profile.kind,
                "image_digest": profile.image_digest,
                "has_network": str(profile.network).lower(),
            }
        return stamps


def _read(result: SandboxResult, applied: bool, ladder: bytes, graded: bytes, timeout_s: float) -> _Raw:  # noqa: FBT001
    text, words = graded.decode("utf-8", "replace"), ladder.decode("utf-8", "replace")
    if result.outcome in _INFRA:
        infra = f"{result.outcome}: {result.detail}"
        return _Raw("infra", text, words, infra, result.duration_s)
    if result.outcome in {SandboxOutcome.TIMEOUT, SandboxOutcome.IDLE_TIMEOUT}:
        # The words that the harness adds to its log, which its own failure classes look for.
        text += f"\n\nTimeout error: {int(timeout_s)} seconds exceeded."
        return _Raw("timeout", text, words, "", result.duration_s)
    if not applied:
        return _Raw("patch_failed", "", words, "", result.duration_s)
    return _Raw("graded", text, words, "", result.duration_s)


def _sha256(patch: bytes) -> str:
    return hashlib.sha256(patch).hexdigest()
