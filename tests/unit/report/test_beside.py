"""A branch beside its parent: what is paired, what differs, and what the page makes of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from orchestrator.launch.session import resume_run
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.replay.branch import Change, find_point, open_branch, plan_branch
from orchestrator.report.beside import beside_lines, branch_beside, text_diff
from orchestrator.report.beside_section import beside_section
from orchestrator.report.branches import branches_of
from orchestrator.report.page import write_page
from orchestrator.resources import installed_resource
from tests.flow.lab import RIGHT, WRONG, Lab


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """A lab whose run is over."""
    done = Lab(tmp_path_factory.mktemp("lab"))
    done.start()
    return done


@pytest.fixture(scope="module")
def branch(lab: Lab) -> Path:
    """A branch from the second attempt of an instance, with a model that is right at once."""
    other = lab.folder / "other.jsonl"
    other.write_text(json.dumps({"instance": "lab__second-1", "text": f"<b>So</b> it is.\n\n{RIGHT}"}) + "\n")
    ledger = Ledger(lab.run_folder / LEDGER, read_only=True)
    point = find_point(ledger, lab.machine, "lab__second-1", "GENERATING", 2)
    settings, prompts = plan_branch(ledger, point, Change(model=f"scripted:{other}"), installed_resource("prompts"))
    folder = open_branch(lab.run_folder, ledger, point, settings, prompts, 1.0)
    ledger.close()
    resume_run(folder, lab.machine, lab.make_tools)
    return folder


def test_a_run_that_is_no_branch_has_nothing_beside_it(lab: Lab) -> None:
    """And its page has no such section."""
    assert branch_beside(lab.run_folder, lab.machine) is None
    assert beside_section(lab.run_folder) is None


def test_attempts_are_paired_from_the_point_on(lab: Lab, branch: Path) -> None:
    """The parent's later attempts stand alone; the first pair that parts is shown with its differences."""
    beside = branch_beside(branch, lab.machine)
    assert beside is not None
    assert [(pair.number, pair.branch is not None) for pair in beside.pairs] == [(2, True), (3, False)]
    assert (beside.pairs[0].prompt_diff, beside.pairs[0].parts()) == ("", True)
    assert "+    return width * height" in beside.pairs[0].reply_diff
    said = list(map(str, beside_lines(beside)))
    assert said[:3] == ["=== attempt 2 ===", "--- prompt, parent to branch ---", "(the same)"]
    assert said[-2].startswith("lab: RESOLVED after 3 attempts")
    assert said[-1].startswith(f"{branch.name}: RESOLVED after 2 attempts")


def test_the_page_of_a_branch_shows_both(branch: Path, tmp_path: Path) -> None:
    """Escaped, with the diff's lines marked."""
    write_page(tmp_path / "page.html", [branch])
    page = (tmp_path / "page.html").read_text()
    assert "Beside its parent" in page
    assert '<span class="added">+    return width * height</span>' in page
    assert "&lt;b&gt;So&lt;/b&gt;" in page
    assert "<b>So</b>" not in page


def test_a_run_lists_its_own_branches_alone(lab: Lab, branch: Path, tmp_path: Path) -> None:
    """Not those of a branch, whose names begin alike, nor a folder that cannot be read; a page that is there is linked."""
    runs = tmp_path / "runs of mine"
    for folder, name in ((lab.run_folder, "lab"), (branch, "lab+a-1"), (branch, "lab+a-1+b-2"), (branch, "lab+c-3")):
        shutil.copytree(folder, runs / name)
    ledger = Ledger(runs / "lab+a-1+b-2" / LEDGER)
    ledger.set_meta("branch", {**ledger.meta()["branch"], "parent": "lab+a-1"})
    ledger.close()
    (runs / "lab+c-3" / LEDGER).write_bytes(b"damaged")
    (found,) = branches_of(runs / "lab", runs / "report.html")
    assert (found.name, found.instance_id, found.attempt, found.state) == ("lab+a-1", "lab__second-1", 2, "GENERATING")
    assert (found.ended, found.link) == ("RESOLVED", "")
    assert found.command == f"ramp report '{runs}/lab+a-1' --html"
    (runs / "lab+a-1" / "report.html").touch()
    assert branches_of(runs / "lab", runs / "report.html")[0].link == "lab%2Ba-1/report.html"
    assert branches_of(runs / "lab+a-1+b-2", runs / "report.html") == ()


def test_a_parent_that_is_gone_is_named(branch: Path, tmp_path: Path) -> None:
    """The page of the branch is made all the same."""
    moved = Path(shutil.copytree(branch, tmp_path / branch.name))
    ledger = Ledger(moved / LEDGER)
    point = ledger.meta()["branch"]
    ledger.set_meta("branch", {**point, "parent_path": "/nowhere/lab"})
    ledger.close()
    write_page(tmp_path / "page.html", [moved])
    assert "there is no ledger at /nowhere/lab" in (tmp_path / "page.html").read_text()


def test_a_side_that_said_nothing_is_named() -> None:
    """Instead of a diff in which everything is gone."""
    assert text_diff("a", "a") == ""
    assert text_diff(WRONG, "") == "(nothing in the branch)"
    assert text_diff("", WRONG) == "(nothing in the parent)"
