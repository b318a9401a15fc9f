"""Splitting identifiers and prose into terms."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.localize.terms import split_identifier, term_counts, terms, tokens


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        ("getHTTPResponse", ("http", "response", "gethttpresponse")),
        ("bulk_create", ("bulk", "create", "bulk_create")),
        ("_meta", ("meta",)),
        ("x", ()),
        ("QuerySet", ("query", "set", "queryset")),
        ("utf8", ("utf", "utf8")),
        ("the", ()),
    ],
)
def test_identifiers_are_split_and_kept_whole(token: str, expected: tuple[str, ...]) -> None:
    """Camel and snake case split; a compound is also kept whole; stop words and single letters go."""
    assert split_identifier(token) == expected


def test_a_token_of_a_generated_file_is_dropped() -> None:
    """A token of more than 80 characters is data, not a name."""
    assert split_identifier("a" * 81) == ()


@given(st.text(max_size=200))
def test_terms_of_any_text_are_lower_case_and_longer_than_one(text: str) -> None:
    """No text breaks the splitter, and every term can be looked up."""
    assert all(len(term) > 1 and term == term.lower() for term in terms(text))


@given(st.text(max_size=200) | st.text(st.characters(max_codepoint=127), max_size=200))
def test_tokens_start_with_a_letter_whatever_the_alphabet(text: str) -> None:
    """The quicker pattern for ASCII finds what the general one does."""
    assert tokens(text) == re.findall(r"[^\W\d]\w*", text)


def test_counts_keep_the_order_of_first_appearance() -> None:
    """Order is what makes rankings deterministic."""
    assert list(term_counts(["b", "a", "b"]).items()) == [("b", 2), ("a", 1)]
