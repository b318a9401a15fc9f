"""The repetition guard ends loops and leaves code alone; the prefix meter counts what repeats."""

from __future__ import annotations

from pathlib import Path

import pytest

from orchestrator import syntax
from orchestrator.models.guard import RepetitionGuard, is_periodic
from orchestrator.models.prefix import PrefixMeter, shared_prefix
from orchestrator.records import Message


def tokens_until_loop(tokens: list[str]) -> int | None:
    """How many tokens the guard lets through."""
    guard = RepetitionGuard()
    return next((number for number, token in enumerate(tokens, start=1) if guard.looping(token)), None)


def test_thirty_identical_tokens_pass_and_one_more_does_not() -> None:
    """The limit is that of Ollama, with blanks around a token not counted."""
    assert tokens_until_loop(["G", " G", "G "] * 10) is None
    assert tokens_until_loop(["x"] + ["G"] * 40) == 32


@pytest.mark.parametrize("period", [2, 7, 40, 100])
def test_a_loop_of_any_period_ends(period: int) -> None:
    """A passage of up to 600 characters that repeats is found within a few thousand characters."""
    found = tokens_until_loop([f"w{n} " for n in range(period)] * 3000)
    assert found is not None
    assert found < 2500


def test_real_code_does_not_loop() -> None:
    """The sources of this project pass, token by token."""
    for path in sorted(Path(syntax.__file__).parent.rglob("*.py")):
        assert tokens_until_loop(path.read_text("utf-8").split()) is None


def test_a_table_of_numbered_lines_does_not_loop() -> None:
    """Lines that differ in a number are no loop."""
    assert tokens_until_loop([f"    case {n}: return table[{n}]\n" for n in range(400)]) is None


def test_periodic_means_whole_periods() -> None:
    """One other character in the tail is enough to be no loop."""
    text = "abcdefgh" * 300
    assert is_periodic(text)
    assert not is_periodic(text[:1000] + "!" + text[1001:])
    assert not is_periodic("".join(chr(97 + n % 26) + str(n) for n in range(600)))


@pytest.mark.parametrize(
    ("previous", "current", "length"),
    [("", "abc", 0), ("abc", "abc", 3), ("abx", "aby", 2), ("xbc", "abc", 0), ("abcd", "ab", 2)],
)
def test_a_shared_prefix_is_counted_in_characters(previous: str, current: str, length: int) -> None:
    """From the start to the first difference."""
    assert shared_prefix(previous, current) == length


def test_the_meter_remembers_each_instance() -> None:
    """Calls of other instances in between do not matter, and old instances are forgotten."""
    meter = PrefixMeter(instances=2)
    prompt = (Message("system", "s" * 100), Message("user", "u" * 100))
    assert meter.share("a", prompt) is None
    assert meter.share("b", prompt) is None
    assert meter.share("a", prompt) == 1.0
    assert meter.share("c", prompt) is None
    assert meter.share("b", prompt) is None
