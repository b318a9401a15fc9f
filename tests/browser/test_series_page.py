"""A page of several runs in a real headless browser: phases of a series that grew, and an arm beside it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from orchestrator.launch.session import start_run
from orchestrator.report.page import write_page
from orchestrator.series.growth import earlier_runs, plan_growth
from tests.browser.browser import CHROMIUM, DRIVER, complaints, open_browser, open_page, screenshot
from tests.browser.test_report_page import HOSTILE, ids, open_row, wait_for
from tests.flow.lab import BROKEN, RIGHT, SCRIPTS, WRONG, Lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
    pytest.mark.filterwarnings("ignore"),  # the driver's client library leaves sockets to the garbage collector
]

SHOTS = os.environ.get("RAMP_SCREENSHOTS")
OTHER = {
    "lab__first-1": (WRONG,),
    "lab__second-1": (HOSTILE + RIGHT,),
    "lab__third-1": (BROKEN, RIGHT),
    "lab__fourth-1": (RIGHT,),
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Phase 1 of two instances, phase 2 of four that took phase 1 over, and phase 2 of another arm, in one page."""
    lab, names = Lab(tmp_path_factory.mktemp("series")), tuple(SCRIPTS)
    runs = lab.folder / "runs"
    start_run(replace(lab.plan(), folder=runs / "one", instance_ids=names[:2]), lab.make_tools)
    settings = lab.settings.model_copy(update={"phase": 2, "name": "small"})
    base = next(earlier_runs(runs, settings.model_dump(mode="json")))
    growth = plan_growth(base, names, settings.model_dump(mode="json"), {})
    plan = replace(lab.plan(), folder=runs / "two", settings=settings, growth=growth)
    start_run(replace(plan, more_meta={"earlier_ids": names[:2], "tuned_on": names[:1]}), lab.make_tools)
    arm = Lab(tmp_path_factory.mktemp("arm"), scripts=OTHER, changes={"arm": "full", "phase": 2, "name": "small"})
    start_run(replace(arm.plan(), folder=runs / "<b>three"), arm.make_tools)
    path = runs / "report.html"
    write_page(path, [runs / "two", runs / "one", runs / "<b>three"])
    return path


@pytest.fixture
def browser(page: Path) -> Iterator[Any]:
    """The page, opened at desktop width; at its end nothing has complained, run or been fetched."""
    with open_page(page) as opened:
        yield opened


def text_of(browser: Any, selector: str) -> str:
    """What can be read in an element."""
    from selenium.webdriver.common.by import By

    return str(browser.find_element(By.CSS_SELECTOR, selector).text)


def test_runs_stand_in_the_order_of_their_phases_and_links_lead_to_them(browser: Any) -> None:
    """One table has a line for each run with its rate, gate and label; a link leads to the run's own section."""
    from selenium.webdriver.common.by import By

    links = browser.find_elements(By.CSS_SELECTOR, "nav a")
    assert [link.text for link in links] == ["phase 1, cascade", "phase 2, cascade", "phase 2, full", "instances"]
    table = text_of(browser, ".scroll table")
    assert "2 of 2 (34% to 100%)" in table
    assert "2 of 4 (15% to 85%)" in table
    links[1].click()
    section = browser.find_element(By.CSS_SELECTOR, "section:target")
    assert section.find_element(By.TAG_NAME, "h2").text == "phase 2, cascade lab, cascade"
    assert "2 taken over from earlier runs" in section.text


def test_comparisons_leave_out_what_was_only_taken_over(browser: Any) -> None:
    """From phase 1 to 2 nothing was done again, so nothing is compared; between the arms flips stand by name."""
    from selenium.webdriver.common.by import By

    headings = [h.text for h in browser.find_elements(By.TAG_NAME, "h2") if h.text.startswith("From")]
    assert headings == ["From phase 2, cascade to phase 2, full"]
    body = text_of(browser, "body")
    assert "Gained (2): lab__third-1, lab__fourth-1" in body
    assert "Lost (1): lab__first-1" in body
    assert "NOT SHOWN: 3 flips cannot show a difference" in body


def test_instances_on_which_prompts_were_tuned_are_said(browser: Any) -> None:
    """The run says how many, and its rate without them; the table flags them."""
    body = text_of(browser, "body")
    assert "The prompts were tried on 1 of these instances while they were tuned. Without them: 1 of 3" in body
    assert body.count("tuned on") == 1


def test_the_table_filters_by_run_and_opens_that_runs_instance(browser: Any) -> None:
    """The same instance of two runs opens each run's own story, hostile text and all."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
    from selenium.webdriver.support.select import Select

    assert len(ids(browser)) == 10
    Select(browser.find_element(By.ID, "run")).select_by_visible_text("phase 2, cascade")
    assert ids(browser) == list(SCRIPTS)
    Select(browser.find_element(By.ID, "state")).select_by_visible_text("RESOLVED")
    assert ids(browser) == ["lab__first-1", "lab__second-1"]
    Select(browser.find_element(By.ID, "state")).select_by_visible_text("every outcome")
    Select(browser.find_element(By.ID, "run")).select_by_visible_text("phase 2, full")
    row = (
        "[...document.querySelectorAll('#instances tbody tr')].find(r => !r.hidden && r.dataset.id === 'lab__second-1')"
    )
    browser.execute_script(f"{row}.click()")
    wait_for(browser, "document.querySelector('#instance[open] h2') !== null")
    assert "</script><script>window.harmed" in browser.execute_script(
        "return document.getElementById('content').textContent"
    )
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)


def test_a_run_folder_named_like_markup_is_a_name(browser: Any) -> None:
    """A run's own name is text that others wrote, too."""
    from selenium.webdriver.common.by import By

    assert "<b>three" in text_of(browser, "body")
    assert not browser.find_elements(By.XPATH, "//b[.='three']")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_it_fits_with_everything_open(page: Path, tmp_path: Path, width: int, dark: bool) -> None:
    """Every section open, nothing scrolls sideways but the tables in their frames; on a phone an instance is one short line."""
    with open_browser(width, 844, dark=dark) as browser:
        browser.get(page.as_uri())
        browser.execute_script("for (const d of document.querySelectorAll('details')) d.open = true")
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        frame = "document.getElementById('instances').parentElement"
        assert browser.execute_script(f"return {frame}.scrollWidth <= {frame}.clientWidth + 1")
        screenshot(browser, Path(SHOTS or tmp_path) / f"series-{width}-{'dark' if dark else 'light'}.png")
        open_row(browser, "lab__first-1")
        assert complaints(browser) == []
