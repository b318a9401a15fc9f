"""What a failed attempt teaches the next one, at each level of detail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from orchestrator.feedback.feedback import ADVICE, diagnosis_of, make_feedback, make_refusal_feedback, short_diff
from orchestrator.feedback.story import story
from orchestrator.judge import STAGES
from orchestrator.protocols import TreeEntry
from orchestrator.records import (
    Candidate,
    Decision,
    DeleteFile,
    DiffHunks,
    EditRefusal,
    Edits,
    Feedback,
    FileChange,
    Finding,
    Judgement,
    ReplaceDefinition,
    SearchReplace,
    WriteFile,
)
from tests.unit.feedback import logs

BEFORE = b"import os\n\n\nclass Berth:\n    length = 1\n\n    def fits(self, boat):\n        return boat.length < self.length\n"
AFTER = BEFORE.replace(b"<", b">")
DIFF = b"""diff --git a/berths/berth.py b/berths/berth.py
index 1111111..2222222 100644
--- a/berths/berth.py
+++ b/berths/berth.py
@@ -5,3 +5,4 @@ class Berth:
     length = 1
+
     def fits(self, boat):
-        return boat.length < self.length
+        return boat.length > self.length
"""
CANDIDATE = Candidate(
    "2.0", 2, 0, 0, "m", Edits("function", ()), (FileChange("berths/berth.py", BEFORE, AFTER),), DIFF, fingerprint="f"
)
BROKEN = Finding(
    "regression",
    "2.0",
    Judgement.FAIL,
    "1 test that passed before fails now",
    signature="sig",
    behaviour={"tests/test_berth.py::TestDock::test_sum[3]": "failed", "tests/test_berth.py::test_a": "passed"},
    output=logs.PYTEST_LONG.encode(),
)


@dataclass
class Files:
    """A tree in memory."""

    content: Mapping[str, bytes] = field(default_factory=dict)

    def entries(self) -> Mapping[str, TreeEntry]:
        """None are asked for."""
        return {}

    def read(self, path: str) -> bytes:
        """The file's bytes."""
        return self.content[path]


def test_the_record_tells_what_why_and_where() -> None:
    """A failure in a test run: the change, the stage, the reason, the failing test, the place as it was."""
    told = make_feedback(CANDIDATE, BROKEN, attempt_number=2)
    assert (told.attempt, told.stage, told.candidate_id) == (2, "regression", "2.0")
    assert told.reason == "1 test that passed before fails now"
    assert told.advice == ADVICE["regression"]
    assert told.diagnosis.failing_test == "tests/test_berth.py::TestDock::test_sum[3]"
    assert (told.diagnosis.left, told.diagnosis.right) == ("5", "6")
    assert told.current_source == "    def fits(self, boat):\n        return boat.length < self.length"
    assert told.diagnosis.signature == "sig"


def test_the_change_is_shown_short() -> None:
    """Git's own lines are left out; the path, the place and the lines stay."""
    assert short_diff(CANDIDATE).split("\n")[:2] == ["+++ b/berths/berth.py", "@@ -5,3 +5,4 @@ class Berth:"]
    long = replace(CANDIDATE, diff=DIFF + b"+x\n" * 500)
    assert len(short_diff(long).split("\n")) == 30


@pytest.mark.parametrize(
    ("edit", "shown"),
    [
        (SearchReplace("a.py", "old\n", "new\n"), "+++ a.py\n-old\n+new"),
        (ReplaceDefinition("a.py", "A.b", "def b():\n    pass\n"), "+++ a.py :: A.b\n+def b():\n+    pass"),
        (DiffHunks("a.py", "@@ -1 +1 @@\n-x\n+y\n"), "+++ a.py\n@@ -1 +1 @@\n-x\n+y"),
        (WriteFile("a.py", "x\n"), "+++ a.py\n+x"),
        (DeleteFile("a.py"), "deleted a.py"),
    ],
)
def test_an_edit_that_did_not_apply_is_shown_as_it_was_asked_for(edit: SearchReplace, shown: str) -> None:
    """Without a diff, the model sees its own edit again."""
    asked = replace(CANDIDATE, edits=Edits("x", (edit,)), diff=b"", changes=())
    assert short_diff(asked) == shown


def test_a_refused_edit_shows_the_nearest_place() -> None:
    """What the matching ladder found nearest is the source to look at."""
    refusal = EditRefusal("no_match", "no such lines", "a.py", "12: near")
    asked = replace(CANDIDATE, refusal=refusal, diff=b"", changes=())
    finding = Finding("applies", "2.0", Judgement.FAIL, "no such lines", advice="Copy it.")
    told = make_feedback(asked, finding, attempt_number=1)
    assert (told.current_source, told.advice) == ("12: near", "Copy it.")


def test_a_host_stage_names_its_lines() -> None:
    """A syntax error is one sentence and the lines concerned, with their numbers."""
    finding = Finding("parses", "2.0", Judgement.FAIL, "berths/berth.py does not parse: unmatched ')' in line 8")
    told = make_feedback(CANDIDATE, finding, attempt_number=1)
    assert ">     8         return boat.length > self.length" in told.diagnosis.excerpt
    assert told.diagnosis.frames[-1].path == "berths/berth.py"


def test_a_frame_without_source_gets_it_from_the_candidate_or_the_tree() -> None:
    """A log that prints places without code is completed: the candidate's own version first."""
    places = '  File "/testbed/other.py", line 2, in g\n  File "/testbed/berths/berth.py", line 8, in fits\n'
    log = f"Traceback (most recent call last):\n{places}ValueError: x\n"
    finding = replace(BROKEN, output=log.encode(), behaviour={})
    found = diagnosis_of(finding, CANDIDATE, tree=Files({"other.py": b"a\n  b = 1\n"}))
    assert [frame.source for frame in found.frames] == ["b = 1", "return boat.length > self.length"]
    assert diagnosis_of(finding, CANDIDATE, tree=Files()).frames[0].source == ""


def test_each_level_of_detail_tells_less() -> None:
    """Diagnosed, one sentence, the raw tail, or nothing but the fact."""
    reason = make_feedback(CANDIDATE, BROKEN, attempt_number=2, detail="reason")
    assert (reason.tried, reason.current_source, reason.diagnosis.excerpt) == ("", "", "")
    assert reason.advice
    raw = make_feedback(CANDIDATE, BROKEN, attempt_number=2, detail="raw-tail")
    assert raw.diagnosis.excerpt.split("\n") == logs.PYTEST_LONG.rstrip().split("\n")[-40:]
    assert (raw.advice, raw.tried, raw.diagnosis.failing_test) == ("", "", "")
    assert {told.diagnosis.signature for told in (reason, raw)} == {"sig"}


def test_an_unreadable_reply_is_told_in_its_own_words() -> None:
    """The refusal's sentence is the reason; a repetition gets other advice than a format failure."""
    told = make_refusal_feedback(EditRefusal("no_edit", "There is no edit.", nearest="x"), attempt_number=1)
    assert (told.stage, told.reason, told.candidate_id, told.current_source) == (
        "parse",
        "There is no edit.",
        None,
        "x",
    )
    again = make_refusal_feedback(EditRefusal("repeated", "It was tried before."), attempt_number=2)
    assert again.advice == ADVICE["repeated"] != told.advice
    assert again.diagnosis.signature != told.diagnosis.signature


def test_the_models_own_broken_lines_are_not_shown_as_the_file() -> None:
    """The place of a syntax error is in the reply: it is an excerpt of the failure, with advice about code."""
    told = make_refusal_feedback(
        EditRefusal("syntax_error", "It is no Python.", nearest="3 | while x"), attempt_number=1
    )
    assert (told.current_source, told.diagnosis.excerpt, told.advice) == ("", "3 | while x", ADVICE["parses"])


def test_every_stage_has_advice() -> None:
    """No stage refuses without saying what to do differently."""
    assert {stage.name for stage in STAGES} <= set(ADVICE)


# --- the story ------------------------------------------------------------------------------------------

TOLD = tuple(Feedback(number, "regression", None, "", f"reason {number}", "") for number in (1, 2, 3, 4))
AGAIN = Decision("again", "", 0)


def test_the_most_promising_attempt_stays_in_full_view() -> None:
    """The one that got furthest stands next to the last, where the prompt shows it in full."""
    told = story(TOLD, AGAIN, stage_reached={1: 8, 2: 5, 3: 5, 4: 5})
    assert [each.attempt for each in told] == [2, 3, 1, 4]
    told = story(TOLD, AGAIN, stage_reached={1: 5, 2: 5, 3: 8, 4: 5})
    assert [each.attempt for each in told] == [1, 2, 3, 4]


def test_a_fresh_start_and_an_arm_without_feedback_hear_nothing() -> None:
    """No story is told where the decision or the arm asks for none."""
    assert story(TOLD, replace(AGAIN, event="fresh", story=False)) == ()
    assert story(TOLD, AGAIN, detail="none") == ()
    assert story(TOLD, None) == ()
