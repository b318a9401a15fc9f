"""The frozen lists: nested by construction, stratified, diverse, and made again by the same command."""

from __future__ import annotations

from collections import Counter

import pytest

from orchestrator.errors import BenchmarkError
from orchestrator.resources import installed_resource
from orchestrator.series.phaselists import list_text, main, phase_order, repository_of
from orchestrator.series.selection import phase_order_of

LISTS = installed_resource("phases") / "lists"
LITE = [line for line in (LISTS / "lite.txt").read_text().splitlines() if not line.startswith("#")]


def test_the_frozen_list_of_lite_is_what_the_command_makes(tmp_path, capsys):
    """Anyone can run the seeded command again, on ids in any order, and gets the file byte for byte."""
    ids = tmp_path / "ids.txt"
    ids.write_text("\n".join(sorted(LITE)) + "\n")
    main([str(ids)])
    assert capsys.readouterr().out == (LISTS / "lite.txt").read_text()


def test_lite_is_whole():
    """Three hundred instances, each once, of twelve repositories."""
    assert (len(LITE), len(set(LITE)), len({repository_of(i) for i in LITE})) == (300, 300, 12)


def test_the_first_five_are_five_repositories():
    """By order of id they would all be one repository's."""
    assert len({repository_of(i) for i in LITE[:5]}) == 5
    assert len({repository_of(i) for i in LITE[:10]}) >= 8


@pytest.mark.parametrize("size", [30, 100])
def test_larger_phases_are_stratified(size):
    """From phase 3 on, each repository's share is within two instances of its share of the whole."""
    whole, part = Counter(map(repository_of, LITE)), Counter(map(repository_of, LITE[:size]))
    assert all(abs(part[name] - whole[name] * size / 300) <= 2 for name in whole)


def test_another_seed_takes_other_instances_of_the_same_repositories():
    """The seed chooses within a repository, never between them."""
    one, other = phase_order(LITE, 1), phase_order(LITE, 2)
    assert one[:30] != other[:30]
    assert [repository_of(i) for i in one] == [repository_of(i) for i in other]


def test_a_benchmark_without_a_list_is_ordered_the_same_way(tmp_path):
    """A path of one's own gets a diverse first phase too."""
    assert phase_order_of(tmp_path, "mine", sorted(LITE)) == phase_order(LITE)


def test_a_list_that_does_not_fit_is_refused(tmp_path):
    """An id that the benchmark does not have is an error that names it."""
    (tmp_path / "b.txt").write_text(list_text(["a__a-1", "a__a-2"], 0))
    assert sorted(phase_order_of(tmp_path, "b", ["a__a-1", "a__a-2", "a__a-3"])) == ["a__a-1", "a__a-2"]
    with pytest.raises(BenchmarkError, match="a__a-2 is not in the benchmark"):
        phase_order_of(tmp_path, "b", ["a__a-1"])
