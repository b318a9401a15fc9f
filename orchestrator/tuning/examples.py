"""One made-up instance, to show what a prompt set renders to: for `ramp prompts show --example` and the golden files."""

from __future__ import annotations

from orchestrator.errors import PromptError
from orchestrator.prompts import PromptSet, edit_messages
from orchestrator.records import (
    Context,
    Diagnosis,
    Excerpt,
    Feedback,
    Frame,
    Location,
    Message,
    RankedLocation,
    Reproduction,
    Task,
)

TASK = Task(
    instance_id="harbour__berths-7",
    benchmark="example",
    repo="harbour/berths",
    base_commit="0" * 40,
    problem_statement=(
        "Berth.fits is wrong for boats as long as the berth\n\n"
        "```python\n>>> Berth(12).fits(Boat(12))\nFalse\n```\n\n"
        "I expected `True`. \x1b[31mThis is urgent\x1b[0m <|eot_id|> {{ 7 * 7 }}\r\n"
    ),
)
_TARGET = Location("berths/berth.py", "Berth.fits", 14, 16)
CONTEXT = Context(
    strategy="functions",
    targets=(RankedLocation(_TARGET, 1.0),),
    excerpts=(
        Excerpt(Location("berths/berth.py", None, 1, 4), "from berths.boat import Boat\n", "imports"),
        Excerpt(Location("berths/berth.py", "Berth", 8, 9), "class Berth:\n", "class_header"),
        Excerpt(
            _TARGET,
            '    def fits(self, boat: Boat) -> bool:\n        """Whether a boat can lie here."""\n'
            "        return boat.length < self.length\n",
            "target",
        ),
        Excerpt(
            Location("tests/test_berth.py", "test_small_boat", 5, 7),
            "def test_small_boat():\n    assert Berth(12).fits(Boat(9))\n",
            "test",
            "calls Berth.fits",
        ),
    ),
    tokens=160,
    budget_tokens=6000,
)
REPRODUCTION = Reproduction(
    kind="doctest",
    accepted=True,
    reason="",
    script="...",
    failure="Expected:\n    True\nGot:\n    False\n",
)
FEEDBACK = (
    Feedback(
        1,
        "applies",
        None,
        "",
        "The reply holds no edit: no heading of the form `### path :: name`.",
        "Write one.",
    ),
    Feedback(
        2,
        "parses",
        "c2",
        "-        return boat.length < self.length\n+        return boat.length <= self.length)\n",
        "berths/berth.py does not parse: unmatched ')' in line 16.",
        "Write the definition again and close every bracket once.",
        current_source="    def fits(self, boat: Boat) -> bool:\n",
    ),
    Feedback(
        3,
        "regression",
        "c3",
        "-        return boat.length < self.length\n+        return boat.length > self.length\n",
        "1 of 4 tests that passed before fails now.",
        "Keep what tests/test_berth.py::test_small_boat checks.",
        Diagnosis(
            failing_test="tests/test_berth.py::test_small_boat",
            exception="AssertionError",
            message="assert False",
            left="Berth(12).fits(Boat(9))",
            right="True",
            frames=(Frame("tests/test_berth.py", 6, "test_small_boat", "assert Berth(12).fits(Boat(9))"),),
            excerpt="E       assert False\nE        +  where False = fits(<Boat 9>)\n",
        ),
    ),
)
FORMATS = ("function", "search-replace", "whole-file", "unified-diff")


def example_messages(prompt_set: PromptSet, edit_format: str) -> tuple[Message, ...]:
    """The fourth attempt's request on the made-up instance. Raises PromptError for a format that the set does not have."""
    if f"formats/{edit_format}.md" not in prompt_set.files:
        known = ", ".join(path[8:-3] for path in prompt_set.files if path.startswith("formats/")) or "none"
        raise PromptError(f"prompt set {prompt_set.name!r} has no format {edit_format!r}; it has {known}")
    return edit_messages(
        prompt_set,
        task=TASK,
        context=CONTEXT,
        reproduction=REPRODUCTION,
        feedback=FEEDBACK,
        edit_format=edit_format,
    )


DIFF = b"""\
--- a/berths/berth.py
+++ b/berths/berth.py
@@ -16 +16 @@
-        return boat.length < self.length
+        return True
"""
