"""Is an instance fit to be run? Gold resolves, empty does not, and the image holds no commit of the future.

The answer is cached across runs by row, image digest, evaluator version and settings.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from orchestrator.errors import SandboxError
from orchestrator.evaluate.artifacts import write_file
from orchestrator.evaluate.evaluator import Evaluator
from orchestrator.protocols import Benchmark, SandboxCommand, SandboxOutcome
from orchestrator.records import Evaluation, Sealed, Task

# The official images have one commit of their set-up on top of base_commit, and it is HEAD; all else must be its past.
_FOREIGN = """\
set -e
git config --global --add safe.directory "$PWD"
git cat-file --batch-all-objects --batch-check='%(objecttype) %(objectname)' | awk '$1 == "commit" {{ print $2 }}' | sort > /tmp/all
git rev-list {base} | sort > /tmp/past
comm -23 /tmp/all /tmp/past | while read -r commit; do
  if [ "$commit" = "$(git rev-parse HEAD)" ] && [ "$(git rev-parse HEAD^ 2>/dev/null)" = {base} ]; then continue; fi
  echo "foreign $commit"
done
echo counted
"""
_LISTED = 5


@dataclass(frozen=True, slots=True)
class Preflight:
    """What was found out about one instance. `problems` is empty where it is fit; `infra` where that could not be found out."""

    instance_id: str
    gold_resolved: bool | None
    empty_resolved: bool | None
    foreign_commits: int | None
    problems: tuple[str, ...]
    infra: str = ""
    suspicion: str = ""

    @property
    def sound(self) -> bool:
        """Whether the instance may count."""
        return not self.problems and not self.infra

    def explain(self) -> str:
        """One line for people."""
        if self.infra:
            return f"could not be checked: {self.infra}"
        return "; ".join(self.problems) or "gold resolves, empty does not, no commit of the future"


def preflight(benchmark: Benchmark, instance_id: str, evaluator: Evaluator, cache_dir: Path) -> Preflight:
    """Check one instance, or give the cached answer. Infra failures are never cached. Raises MissingPiece (no image)."""
    task, sealed = benchmark.task(instance_id), benchmark.sealed(instance_id)
    cached = cache_dir / f"{_key(task, evaluator)}.json"
    known = _read_cached(cached)
    if known is not None and known.instance_id == task.instance_id:
        return known
    found = _check(task, sealed, evaluator)
    if not found.infra:
        write_file(cached, json.dumps(asdict(found)).encode())
    return found


def _check(task: Task, sealed: Sealed, evaluator: Evaluator) -> Preflight:
    gold = evaluator.grade(task, sealed, sealed.patch.encode(), model_name="gold")
    empty = evaluator.grade_unpatched(task, sealed)
    foreign, broke = _foreign_commits(task, evaluator)
    problems = []
    if gold.resolved is False:
        problems.append(f"the gold patch is not resolved ({gold.stamps['outcome']}{_advice(gold)})")
    if empty.resolved:
        problems.append("the tests pass without any patch")
    if foreign:
        listed = ", ".join(foreign[:_LISTED])
        problems.append(f"the image holds {len(foreign)} commits that are not in base_commit's past: {listed}")
    infra = "; ".join(filter(None, (gold.infra, empty.infra, broke)))
    count = None if broke else len(foreign)
    return Preflight(task.instance_id, gold.resolved, empty.resolved, count, tuple(problems), infra, gold.suspicion)


def _advice(gold: Evaluation) -> str:
    hardened = gold.stamps.get("has_network") == "false"
    return "; if it needs a network, grade it with -c evaluate.network=bridge" if hardened else ""


def _foreign_commits(task: Task, evaluator: Evaluator) -> tuple[tuple[str, ...], str]:
    """Commits in the sandbox's repository that are not the past of base_commit; and why they could not be counted."""
    command = SandboxCommand(script=_FOREIGN.format(base=task.base_commit), purpose="preflight")
    try:
        result = evaluator.open_sandbox(task).run(command)
    except SandboxError as error:
        return (), str(error)
    lines = result.output.decode("utf-8", "replace").split("\n")
    if result.outcome is not SandboxOutcome.EXITED or "counted" not in lines:
        told = result.detail or result.output.decode("utf-8", "replace").strip()[-200:]
        return (), f"the image's commits could not be counted: {told}"
    return tuple(line.partition(" ")[2] for line in lines if line.startswith("foreign ")), ""


def _key(task: Task, evaluator: Evaluator) -> str:
    profile = evaluator.open_sandbox(task).profile
    where = [profile.kind, profile.image_digest, sorted(profile.limits.items())]
    parts = [task.row_sha256, where, sorted(evaluator.version().items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _read_cached(path: Path) -> Preflight | None:
    try:
        stored = json.loads(path.read_bytes())
        return Preflight(**(stored | {"problems": tuple(stored["problems"])}))
    except (OSError, ValueError, TypeError, KeyError):
        # Absent, or written by another version: find out again.
        return None
