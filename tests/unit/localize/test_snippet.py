"""What the code of an issue calls."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.localize.evidence import read_clues
from orchestrator.localize.snippet import read_uses


def test_calls_bases_and_operators_are_read() -> None:
    """Functions, methods and base classes by name; operators and builtins as special methods."""
    uses = read_uses(
        read_clues("It fails\n\n```python\nclass Mine(shop.Circle):\n    pass\nq = Mine(1) | str(total)\nq[0]\n```\n")
    )
    assert uses.called == ("Mine", "str")
    assert uses.bases == ("Circle",)
    assert set(uses.special) == {"__or__", "__ror__", "__str__", "__getitem__"}


def test_code_that_does_not_parse_is_read_by_the_runs_of_lines_that_do() -> None:
    """Output between the lines of a session, and half a statement, lose nothing else."""
    uses = read_uses(read_clues("Odd\n\n```\nx = first(1)\nValueError: in 3 of 4\nsecond(x)\ndef (\nthird(x)\n```\n"))
    assert uses.called == ("first", "second", "third")


@pytest.mark.parametrize(
    "code",
    [
        "@app.route('/')\ndef view(): pass",
        "if ready:\n    send(1)",
        "return send(1)",
        "try:\n    send(1)\nfinally: pass",
        "send(\n  1,\n)",
        "x = '''a\nb'''; send(1)",
        "for x in y: \\\n  send(1)",
    ],
)
def test_lines_of_a_log_do_not_hide_the_code_after_them(code: str) -> None:
    """Also where its first line is but the beginning of something."""
    called = read_uses(
        read_clues(f"Odd\n\n```\nTraceback (most recent call last):\n{code}\nOops: at 3 of 4\n```\n")
    ).called
    assert called == (("route",) if "route" in code else ("send",))


def test_quoted_code_counts() -> None:
    """`len(x)` within the prose needs `__len__`."""
    assert read_uses(read_clues("Wrong `len(basket)` after a reset")).special == ("__len__",)


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    """Never raises."""
    read_uses(read_clues(f"title\n```\n{text}\n```\n"))
