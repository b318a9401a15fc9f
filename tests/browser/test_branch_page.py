"""A branch's page and its parent's in a real headless browser: side by side, and the way from one to the other."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.launch.session import resume_run
from orchestrator.ledger import LEDGER, Ledger
from orchestrator.replay.branch import Change, find_point, open_branch, plan_branch
from orchestrator.report.page import write_page
from orchestrator.resources import installed_resource
from tests.browser.browser import CHROMIUM, DRIVER, complaints, open_browser
from tests.browser.test_report_page import HOSTILE
from tests.flow.lab import RIGHT, Lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
    pytest.mark.filterwarnings("ignore"),  # the driver's client library leaves sockets to the garbage collector
]
INSTANCE = "lab__second-1"


@pytest.fixture(scope="module")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with its page, and two branches of it from attempt 2: one with a page of its own, one without."""
    lab = Lab(tmp_path_factory.mktemp("branches"))
    lab.start()
    other = lab.folder / "other.jsonl"
    other.write_text(json.dumps({"instance": INSTANCE, "text": HOSTILE + RIGHT}) + "\n")
    for number in range(2):
        with contextlib.closing(Ledger(lab.run_folder / LEDGER, read_only=True)) as ledger:
            point = find_point(ledger, lab.machine, INSTANCE, "GENERATING", 2)
            change = Change(model=f"scripted:{other}")
            settings, prompts = plan_branch(ledger, point, change, installed_resource("prompts"))
            branch = open_branch(lab.run_folder, ledger, point, settings, prompts, 1.0)
        resume_run(branch, lab.machine, lab.make_tools)
        if number == 0:
            write_page(branch / "report.html", [branch])
    write_page(lab.run_folder / "report.html", [lab.run_folder])
    return lab.run_folder


@pytest.fixture
def browser(parent: Path) -> Iterator[Any]:
    """The parent's page, opened at desktop width; at its end nothing has complained, run or been fetched."""
    with open_browser() as opened:
        opened.get((parent / "report.html").as_uri())
        yield opened
        assert complaints(opened) == []
        assert opened.execute_script("return window.harmed") is None
        assert opened.execute_script("return performance.getEntriesByType('resource').length") == 0


def test_the_parent_leads_to_its_branch_and_that_shows_both(browser: Any, parent: Path) -> None:
    """A click on the parent's page opens the branch's; prompt, reply, findings and both ends are there to be seen."""
    from selenium.webdriver.common.by import By

    rows = [row.text for row in browser.find_elements(By.XPATH, "//h3[.='Branches']/following::table[1]/tbody/tr")]
    name = f"{parent.name}+{INSTANCE}-2-generating"
    assert [row.split()[:5] for row in rows] == [
        [f"{name}-{n}", INSTANCE, "2", "GENERATING", "RESOLVED"] for n in (1, 2)
    ]
    assert rows[1].endswith(f"ramp report {parent}+{INSTANCE}-2-generating-2 --html")
    assert complaints(browser) == []
    browser.find_element(By.LINK_TEXT, "its page").click()
    heading = browser.find_element(By.XPATH, "//h3[.='Beside its parent']")
    assert heading.is_displayed()
    sides = [box.text for box in browser.find_elements(By.CSS_SELECTOR, ".beside > div")]
    assert sides[0].startswith(f"parent: {parent.name}\nRESOLVED after 3 attempts")
    assert sides[1].startswith(f"branch: {name}-1\nRESOLVED after 2 attempts")
    added = [line.text for line in browser.find_elements(By.CSS_SELECTOR, "pre.diff .added")]
    assert "+    return width * height" in added
    assert any("<script>window.harmed = 1</script>" in line for line in added)


@pytest.mark.parametrize("width", [1280, 390])
def test_both_pages_fit(parent: Path, width: int) -> None:
    """No sideways scrolling at phone or desktop width, long names and paths or not."""
    pages = [parent / "report.html", *parent.parent.glob(f"{parent.name}+*/report.html")]
    assert len(pages) == 2
    with open_browser(width, 844) as browser:
        for page in pages:
            browser.get(page.as_uri())
            assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth"), page
            assert complaints(browser) == []
