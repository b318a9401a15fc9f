"""Official grading of a frozen patch: the only place that opens a Sealed.

evaluator   one patch, one verdict            driver     what runs in the grading container
upstream    swebench's own code, unchanged    lean       --lean: the script without what cannot change a verdict
suspicion   signs of forged results           preflight  gold resolves, empty does not, no future in the image
predictions, grade_file   `ramp evaluate`     export     predictions and leaderboard files   artifacts  files of a verdict
"""

from __future__ import annotations

from orchestrator.evaluate.evaluator import Evaluator, OpenSandbox
from orchestrator.evaluate.settings import EVALUATOR_VERSION, EvaluateSettings

__all__ = ["EVALUATOR_VERSION", "EvaluateSettings", "Evaluator", "OpenSandbox"]
