"""The order of ideas: suspicious lines first, what the issue speaks of first, nothing floods a batch."""

from __future__ import annotations

from collections import Counter

from orchestrator.models.mutation.hints import Hints
from orchestrator.models.mutation.ideas import Idea, Ideas, in_order
from orchestrator.models.mutation.model import think
from orchestrator.models.mutation.suspicion import suspect
from orchestrator.models.mutation.unit import Change, Splice, read_units
from orchestrator.records import Location, RankedLocation
from tests.unit.models.mutation.support import PATH, a_context, a_reproduction

TWO = """
def first(a, b):
    if a < b:
        return a + 1
    return b

def second(xs):
    total = 0
    for x in xs:
        total += x
    return total / len(xs)
"""


def operators(ideas: Ideas, count: int) -> list[str]:
    """The operators of the first proposals."""
    made = (ideas.proposal(n) for n in range(count))
    return [p.operators[0] for p in made if p]


def place_of(ideas: Ideas, line: str, most: int = 400) -> int:
    """The number of the first proposal that holds a line, or `most`."""
    for number in range(most):
        proposal = ideas.proposal(number)
        if proposal is None:
            break
        if any(line in (text_line.strip() for text_line in text.split("\n")) for _, text in proposal.texts):
            return number
    return most


def test_an_exception_brings_its_remedies_forward() -> None:
    """A division by zero in the failure moves the guards for it to the front."""
    context = a_context(TWO)
    plain = place_of(think(context, None, "wrong result"), "if len(xs) == 0:")
    told = place_of(think(context, None, "ZeroDivisionError: division by zero"), "if len(xs) == 0:")
    assert told < plain
    assert told < 16


def test_words_of_the_issue_bring_their_remedies_forward() -> None:
    """Boundaries come first where the issue speaks of an off-by-one."""
    context = a_context(TWO)
    assert operators(think(context, None, "off-by-one at the boundary"), 2)[0] == "compare.boundary"


def test_a_traceback_points_at_its_line() -> None:
    """The line of a frame in this file weighs more than the same line elsewhere."""
    unit = read_units(PATH, TWO.lstrip("\n"), 1, None)[1]
    hints = Hints("", f'File "/testbed/{PATH}", line 9, in second')
    weights = suspect([unit], (), (), hints)[0].lines
    assert weights[4] > 2 * weights[3]


def test_lines_that_did_not_run_come_last() -> None:
    """The failing run cannot be repaired where it did not pass."""
    unit = read_units(PATH, TWO.lstrip("\n"), 1, None)[0]
    ran = a_reproduction(("first", (2, 4)))
    weights = suspect([unit], (), ran.executed, Hints())[0].lines
    assert weights[3] < 0.1 * weights[2]


def test_higher_scores_weigh_more() -> None:
    """The localization's best target is the most suspicious unit."""
    units = read_units(PATH, TWO.lstrip("\n"), 1, None)
    targets = [RankedLocation(Location(PATH, "second", 6, 10), 0.9), RankedLocation(Location(PATH, "first", 1, 4), 0.1)]
    first, second = suspect(units, targets, (), Hints())
    assert second.unit > first.unit


def test_nothing_floods_the_first_batch() -> None:
    """Sixteen samples show many operators and both functions."""
    ideas = think(a_context(TWO), None, "")
    counts = Counter(operators(ideas, 16))
    names = {unit.name for n in range(16) if (p := ideas.proposal(n)) for unit, _ in p.texts}
    assert max(counts.values()) <= 3
    assert names == {"first", "second"}


def test_order_is_greedy_by_decayed_score() -> None:
    """A second idea of the same operator on the same line falls behind a weaker one elsewhere."""
    same = [Idea(1.0 - n / 100, 0, "x", Change((Splice(n, n, "a"),), 1)) for n in range(2)]
    other = Idea(0.7, 0, "y", Change((Splice(9, 9, "a"),), 2))
    assert list(in_order([*same, other])) == [same[0], other, same[1]]


def test_the_same_mistake_at_several_places_is_repaired_at_once() -> None:
    """A change that is possible at two places is also proposed for both."""
    context = a_context("def f(a, b, c):\n    if a < b:\n        return 1\n    return b < c\n")
    ideas = think(context, None, "")
    proposals = [ideas.proposal(n) for n in range(60)]
    texts = [p.texts[0][1] for p in proposals if p and p.operators == ("twins",)]
    assert any("a <= b" in text and "b <= c" in text for text in texts)


def test_names_of_the_class_are_known_from_its_other_methods() -> None:
    """An attribute that only another method sets can be proposed."""
    context = a_context(
        """
class A:
    def __init__(self):
        self.width = 1
        self.height = 2

    def area(self):
        return self.width * self.width
"""
    )
    assert place_of(think(context, None, ""), "return self.width * self.height") < 60
