"""The reading stages on real systems' patches, against published verdicts: `python -m tests.bench.reading_stages`.

Needs RAMP_SHARED and RAMP_MIRRORS; `--limit N` takes the first N patches. Prints one confusion matrix per stage and each
refusal of a patch that resolves; asserts nothing.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

from orchestrator.judge import STAGES
from orchestrator.judge.calibration import calibrate
from orchestrator.records import Candidate, EditRefusal, Edits, Finding, Judgement
from orchestrator.repo.diff import apply_patch, make_patch
from orchestrator.repo.objects import GitRepository
from tests.laws.test_law_gold_patches_pass_policy import mirror_of
from tests.unit.judge.fakes import case

_SHARED = Path(os.environ.get("RAMP_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "swebench"


def main(arguments: list[str]) -> None:
    """Judge every patch that applies and print the matrices."""
    limit = int(arguments[arguments.index("--limit") + 1]) if "--limit" in arguments else None
    rows = {row["instance_id"]: row for row in map(json.loads, (_SHARED / "lite-dev.jsonl").read_text().splitlines())}
    predictions = [json.loads(line) for line in (_SHARED / "preds-dev.jsonl").read_text().splitlines()][:limit]
    findings: list[Finding] = []
    resolved: dict[str, bool | None] = {}
    took_s = 0.0
    for number, prediction in enumerate(predictions):
        row = rows[prediction["instance_id"]]
        mirror = mirror_of(row["repo"])
        if mirror is None:
            continue
        tree = GitRepository(mirror, row["base_commit"])
        patch = prediction["model_patch"].lstrip("\n").encode()
        changes = apply_patch(tree, patch)
        if isinstance(changes, EditRefusal):
            tree.close()
            continue
        one = Candidate(f"p{number}", 1, 0, 0, "real", Edits("unified-diff", ()), changes, diff=make_patch(changes))
        resolved[one.candidate_id] = {"resolved": True, "unresolved": False}.get(prediction["verdict"])
        began_s = time.process_time()
        for stage in STAGES[:4]:
            findings.append(stage.judge(one, case(tree=tree)))
            if findings[-1].judgement is Judgement.FAIL:
                if resolved[one.candidate_id]:
                    print(
                        f"refused though resolved: {row['instance_id']} {findings[-1].rule}: {findings[-1].reason[:160]!r}"
                    )
                break
        took_s += time.process_time() - began_s
        tree.close()
    print(f"{len(resolved)} patches applied, {1000 * took_s / max(1, len(resolved)):.0f} ms of CPU each")
    for matrix in calibrate(findings, resolved, [stage.name for stage in STAGES[:4]]):
        print(matrix)


if __name__ == "__main__":
    main(sys.argv[1:])
