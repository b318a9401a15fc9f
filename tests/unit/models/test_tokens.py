"""The token estimate: high by intent, learnt from the server's counts, and able to tell a cut prompt."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from orchestrator.models.tokens import TokenEstimator, raw_tokens
from orchestrator.records import Message

CODE = "    def resolve(self, name: str) -> Optional[Value]:\n        return self._table.get(name.lower(), None)\n" * 40

TEXT = st.text(st.sampled_from("ab9 _\n\t.=(é語\ud800\x00"), max_size=80)


def messages(text: str) -> tuple[Message, ...]:
    """A prompt of one message."""
    return (Message("user", text),)


def test_code_and_prose_are_in_the_right_range() -> None:
    """Byte-pair tokenizers take 3 to 4.5 characters of code a token, 4 to 5 of prose; the estimate is at or above that."""
    prose = "The parser raises an error when the argument is missing, although the manual says that it may be. " * 40
    assert len(CODE) / 4.5 < raw_tokens(CODE) * 1.3 < len(CODE) / 2
    assert len(prose) / 5 < raw_tokens(prose) * 1.3 < len(prose) / 2.5


def test_before_any_count_the_estimate_is_high() -> None:
    """Uncalibrated, a third is added."""
    assert TokenEstimator().estimate(CODE) > 1.3 * raw_tokens(CODE)


def test_counts_of_the_server_calibrate() -> None:
    """After one count the estimate of a like prompt lies at most a tenth above it and never below."""
    estimator = TokenEstimator()
    counted = int(raw_tokens(CODE) * 0.8)
    estimator.observe(messages(CODE), counted)
    assert counted <= estimator.estimate_prompt(messages(CODE)) <= counted * 1.1


def test_the_densest_prompt_of_late_decides() -> None:
    """Of several counts the highest factor is used: erring low would overrun the context."""
    estimator = TokenEstimator()
    for factor in (0.7, 1.2, 0.8):
        estimator.observe(messages(CODE), int(raw_tokens(CODE) * factor))
    assert estimator.estimate(CODE) > 1.2 * raw_tokens(CODE)


def test_a_cut_prompt_is_told_and_not_learnt_from() -> None:
    """A count far below the estimate is a cut; the calibration stays."""
    estimator = TokenEstimator()
    estimator.observe(messages(CODE), int(raw_tokens(CODE)))
    before = estimator.estimate(CODE)
    check = estimator.observe(messages(CODE), int(raw_tokens(CODE) * 0.5))
    assert (check.cut, estimator.estimate(CODE)) == (True, before)
    assert check.evaluated_tokens < check.expected_tokens


def test_a_plain_estimate_error_is_no_cut() -> None:
    """A fifth less than expected is how tokenizers differ, even before any calibration."""
    estimator = TokenEstimator()
    assert not estimator.observe(messages(CODE), int(raw_tokens(CODE) * 0.6)).cut
    assert not estimator.observe(messages(CODE), int(raw_tokens(CODE) * 0.5)).cut


def test_tiny_prompts_teach_nothing() -> None:
    """The template outweighs a prompt of a few words."""
    estimator = TokenEstimator()
    estimator.observe(messages("hi"), 40)
    assert not estimator.calibrated


@settings(max_examples=40, deadline=None)
@given(TEXT, TEXT)
def test_any_text_has_a_positive_estimate_that_grows(left: str, right: str) -> None:
    """More text is never fewer tokens by more than a joint costs, whatever characters it holds."""
    estimator = TokenEstimator()
    assert estimator.estimate(left) >= 1
    assert estimator.estimate(left + right) + 3 >= max(estimator.estimate(left), estimator.estimate(right))
