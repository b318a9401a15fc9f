"""What an issue quotes of the source."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.localize.corpus import RepositoryIndex
from orchestrator.localize.evidence import read_clues
from orchestrator.localize.index import open_index
from orchestrator.localize.quotes import QUOTE_SIGNALS, Found, Quotes, find_quotes, quote_signals
from orchestrator.localize.rank import localize
from tests.unit.localize.fakes import MemoryRepository

READER = b'''"""Reading: the relay %s is closed is a message of ours."""


def open_relay(name):
    if name in CLOSED:
        raise RelayError(
            "the relay %(name)s is "
            "closed for {reason}, see the manual" % {"name": name}
        )
    return relay_of(name, timeout=LIMITS["relay_seconds"])


def close_relay(name):
    # relay_of(name, timeout=LIMITS
    return name
'''
OTHER = b"""def wait(name):
    return LIMITS["relay_seconds"]
"""


def _found(issue: str) -> Found:
    return find_quotes(Quotes.of(read_clues(issue)), READER.decode())


@pytest.fixture(scope="module")
def repository() -> MemoryRepository:
    """Two files of one package."""
    return MemoryRepository({"post/__init__.py": b"", "post/reader.py": READER, "post/other.py": OTHER})


@pytest.fixture(scope="module")
def index(repository: MemoryRepository, tmp_path_factory: pytest.TempPathFactory) -> RepositoryIndex:
    """Their index."""
    return open_index(tmp_path_factory.mktemp("index")).load(repository)


@pytest.mark.parametrize("quoted", ["'relay_seconds'", '"relay_seconds"', "`relay_seconds`"])
def test_a_quoted_string_is_found_where_it_is_a_constant(quoted: str) -> None:
    """Not where it is part of one, or where only the word stands."""
    assert dict(_found(f"Why is {quoted} so low?").strings) == {"relay_seconds": [10]}
    assert not _found("Why is relay_seconds so low? See 'relay_second'.").strings


def test_a_message_is_found_by_its_words_between_placeholders() -> None:
    """Its two adjoining constants are one, at the line of the first; documentation is not read."""
    found = _found("RelayError: the relay west is closed for repairs, see the manual")
    assert found.messages == [(8.0, 7)]


def test_a_message_of_which_the_issue_prints_little_is_not_found() -> None:
    """Under six words of ten it is chance."""
    assert _found("Is the manual wrong about how a relay is closed for us?").messages == []


def test_code_is_found_whatever_its_spacing() -> None:
    """Five tokens of a line in a row; the comment that says the same is not read."""
    found = _found("It hangs\n\n    relay_of( name,timeout = 3 )\n")
    assert {line for lines in found.code.values() for line in lines} == {10}
    assert not _found("It hangs\n\n    relay_of(other, timeout=3)\n").code


def test_punctuation_and_short_names_are_no_quotes() -> None:
    """A stretch tells something with two words of three letters and more."""
    assert not Quotes.of(read_clues("Broken\n\n    x = (a, b)[0] + f(y)\n")).code


def test_a_find_is_shared_among_the_files_that_have_it(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """And is told of the functions around it."""
    quotes = Quotes.of(read_clues("'relay_seconds' is wrong\n\n    return relay_of(name, timeout=9)\n"))
    files = np.arange(len(index.sources.files), dtype=np.int32)
    by_file, by_unit = quote_signals(index, repository, quotes, files)
    reader, other = index.file_numbers["post/reader.py"], index.file_numbers["post/other.py"]
    assert by_file["quoted_strings"][reader] == by_file["quoted_strings"][other] == 0.5
    assert by_file["quoted_code"][reader] > 0
    assert by_file["quoted_code"][other] == 0
    named = {index.location(unit).qualified_name for unit in np.flatnonzero(by_unit["quoted_code"]).tolist()}
    assert named == {"open_relay"}


def test_only_the_files_asked_for_are_read(index: RepositoryIndex, repository: MemoryRepository) -> None:
    """Reading is what costs."""
    repository.blobs_read.clear()
    by_file, _ = quote_signals(index, repository, Quotes.of(read_clues("'relay_seconds'")), np.array([], np.int32))
    assert repository.blobs_read == []
    assert not any(by_file[name].any() for name in QUOTE_SIGNALS)


def test_a_partial_clone_is_searched_as_far_as_it_goes(index: RepositoryIndex) -> None:
    """The index may know a file from another clone."""
    partial = MemoryRepository(
        {f.path: READER if "reader" in f.path else OTHER for f in index.sources.files[1:]}, absent=["post/other.py"]
    )
    files = np.arange(1, len(index.sources.files), dtype=np.int32)
    by_file, _ = quote_signals(index, partial, Quotes.of(read_clues("'relay_seconds'")), files)
    assert [index.sources.files[n].path for n in np.flatnonzero(by_file["quoted_strings"])] == ["post/reader.py"]


def test_another_commit_is_searched_for_what_both_have(index: RepositoryIndex) -> None:
    """A ranking with the index of another commit says so, and goes on."""
    other = MemoryRepository({"post/other.py": OTHER})
    files = np.arange(len(index.sources.files), dtype=np.int32)
    by_file, _ = quote_signals(index, other, Quotes.of(read_clues("'relay_seconds'")), files)
    assert [index.sources.files[n].path for n in np.flatnonzero(by_file["quoted_strings"])] == ["post/other.py"]


def test_the_ranking_says_what_is_quoted(index: RepositoryIndex, repository: MemoryRepository, tmp_path: Path) -> None:
    """In the evidence of the file and of its function."""
    path = tmp_path / "weights.toml"
    path.write_text('[provenance]\n[files]\n"quoted_code.share" = 1.0\n[functions]\n"quoted_code.rank" = 1.0\n')
    found = localize(index, repository, "It hangs\n\n    relay_of(name, timeout=3)\n", weights_path=path)
    assert found.files[0].evidence[0].detail == "its lines stand in the issue: open_relay"
    assert found.functions[0].evidence[0].detail == "its lines stand in the issue"


@given(st.text(), st.text(alphabet="ab \"'#\\\n%({})"))
def test_any_text_can_be_read(issue: str, source: str) -> None:
    """Quotes that do not close, and placeholders that do not either."""
    find_quotes(Quotes.of(read_clues(issue)), source)


@given(st.lists(st.text(st.characters(categories=["L", "N", "Pc"]), min_size=3), min_size=5))
def test_any_words_can_be_looked_for(index: RepositoryIndex, repository: MemoryRepository, words: list[str]) -> None:
    """Letters and digits that no identifier may have, too."""
    quotes = Quotes.of(read_clues("It hangs\n\n    " + " ".join(words)))
    quote_signals(index, repository, quotes, np.arange(len(index.sources.files), dtype=np.int32))


@pytest.mark.parametrize("piece", ['"', "'", '"""', "\\'", "#", "{", "%(", "relay_of(name, timeout=", "\n'"])
def test_a_large_file_takes_a_moment(piece: str) -> None:
    """A megabyte of one thing, against an issue full of code and quotes."""
    line = "    relay_of(name, timeout=3, 'relay_seconds')\n"
    quotes = Quotes.of(read_clues("It hangs\n\n" + line * 900))
    started = time.perf_counter()
    find_quotes(quotes, piece * (1_000_000 // len(piece)))
    assert time.perf_counter() - started < 5


ASKED_ANEW = """
import sys, tempfile
from pathlib import Path
import numpy as np
from orchestrator.localize.evidence import read_clues
from orchestrator.localize.index import open_index
from orchestrator.localize.quotes import Quotes, quote_signals
from tests.unit.localize.fakes import MemoryRepository

lines = [f"relay_{n}(bravo_{n}, timeout={n})" for n in range(40)]
files = {f"post/file{n}.py": "\\n".join(lines[n * 3 :]).encode() for n in range(12)}
repository = MemoryRepository(files)
index = open_index(Path(tempfile.mkdtemp())).load(repository)
quotes = Quotes.of(read_clues("It hangs\\n\\n    " + "\\n    ".join(lines)))
print(quote_signals(index, repository, quotes, np.arange(12, dtype=np.int32))[0]["quoted_code"].tolist())
"""


def test_the_last_digit_is_the_same_in_every_process() -> None:
    """Sets are in another order in each; sums must not be."""
    told = {
        subprocess.run(
            [sys.executable, "-c", ASKED_ANEW],
            env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }  # fmt: skip
    assert len(told) == 1
