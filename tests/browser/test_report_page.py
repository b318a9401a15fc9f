"""The report page in a real headless browser: it opens, sorts, filters, drills down, and runs nothing that others wrote."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orchestrator.report.page import write_page
from tests.browser.browser import CHROMIUM, DRIVER, complaints, open_browser, open_page, screenshot
from tests.flow.lab import RIGHT, Lab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed"),
    pytest.mark.filterwarnings("ignore"),  # the driver's client library leaves sockets to the garbage collector
]

HOSTILE = (
    "</pre></script><script>window.harmed = 1</script><img src=x onerror='window.harmed = 2'>"
    "<svg onload='window.harmed = 3'></svg> \x1b[31mred\x1b[0m \x07 \u202egnol\u202c {{ 7 * 7 }} javascript:alert(1)\n"
)
LONG = "x" * 40_000 + "THE END\n"
SHOTS = os.environ.get("RAMP_SCREENSHOTS")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose model says hostile and huge things, and its report."""
    scripts = {
        "lab__first-1": (HOSTILE + RIGHT,),
        "lab__second-1": (LONG + HOSTILE, RIGHT),
        "lab__third-1": (RIGHT,),
        "lab__fourth-1": (HOSTILE,) * 6,
    }
    lab = Lab(tmp_path_factory.mktemp("page"), scripts=scripts)
    lab.start()
    path = lab.run_folder / "report.html"
    write_page(path, [lab.run_folder])
    return path


@pytest.fixture
def browser(page: Path) -> Iterator[Any]:
    """The page, opened at desktop width."""
    with open_page(page) as opened:
        yield opened


def ids(browser: Any) -> list[str]:
    """The instances that can be seen, in their order."""
    return list(
        browser.execute_script(
            "return [...document.querySelectorAll('#instances tbody tr')].filter(r => !r.hidden).map(r => r.dataset.id)"
        )
    )


def wait_for(browser: Any, script: str) -> Any:
    """The script's value, as soon as it has one."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(browser, 20).until(lambda b: b.execute_script(f"return {script}"))


def open_row(browser: Any, instance_id: str) -> str:
    """Click on an instance and return the text of what opens."""
    from selenium.webdriver.common.by import By

    browser.find_element(By.XPATH, f"//tr[@data-id='{instance_id}']").click()
    heading = "document.querySelector('#instance[open] h2')?.textContent"
    wait_for(browser, f"({heading} ?? '').includes('{instance_id}')")
    return str(browser.execute_script("return document.getElementById('content').textContent"))


def test_it_sorts_by_number_and_by_name(browser: Any) -> None:
    """Attempts sort as numbers, up and down; names as words."""
    from selenium.webdriver.common.by import By

    header = browser.find_element(By.XPATH, "//table[@id='instances']//button[.='attempts']")
    header.click()
    assert ids(browser)[-1] == "lab__fourth-1"
    header.click()
    assert ids(browser)[0] == "lab__fourth-1"
    browser.find_element(By.XPATH, "//table[@id='instances']//button[.='instance']").click()
    assert ids(browser) == sorted(ids(browser))


def test_it_filters_by_words_and_by_outcome(browser: Any) -> None:
    """Filters narrow the table, say how much is left, and give everything back."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.select import Select

    search = browser.find_element(By.ID, "search")
    search.send_keys("second resolved")
    assert ids(browser) == ["lab__second-1"]
    assert browser.find_element(By.ID, "count").text == "1 of 4"
    search.clear()
    search.send_keys(" ")
    assert len(ids(browser)) == 4
    Select(browser.find_element(By.ID, "state")).select_by_visible_text("GAVE_UP")
    assert ids(browser) == ["lab__fourth-1"]


def test_it_drills_down_and_back(browser: Any) -> None:
    """A row opens prompt, reply, diff, findings and feedback; Escape closes; the address leads back to it."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys

    text = open_row(browser, "lab__second-1")
    for part in ("Attempt 2", "The area of a rectangle", "return width * height", "What the next attempt is told"):
        assert part in text
    assert browser.find_elements(By.CSS_SELECTOR, "#content .added")
    address = browser.current_url
    browser.find_element(By.TAG_NAME, "body").send_keys(Keys.ESCAPE)
    wait_for(browser, "!document.getElementById('instance').open")
    browser.get("about:blank")
    browser.get(address)
    wait_for(browser, "document.querySelector('#instance[open] h2') !== null")


def test_hostile_text_is_shown_and_does_nothing(browser: Any) -> None:
    """Markup, scripts, terminal escapes and direction marks of a model are letters on the page."""
    from selenium.webdriver.common.by import By

    text = open_row(browser, "lab__fourth-1")
    for shown in (
        "</script><script>window.harmed",
        "onerror='window.harmed",
        r"\x1b[31mred",
        r"\x07",
        r"\u202egnol",
        "{{ 7 * 7 }}",
    ):
        assert shown in text
    content = browser.find_element(By.ID, "content")
    assert content.find_elements(By.CSS_SELECTOR, "script, img, svg, iframe, a[href^=javascript]") == []


def test_huge_text_is_cut_and_linked_to_its_file(browser: Any, page: Path) -> None:
    """The page carries the ends of a long text and says where the whole of it is."""
    from urllib.parse import unquote

    text = open_row(browser, "lab__second-1")
    assert "characters left out" in text
    assert "THE END" in text
    links = browser.execute_script(
        "return [...document.querySelectorAll('#content a')].map(a => a.getAttribute('href'))"
    )
    reply = next(link for link in links if "attempt-1/reply" in link)
    assert "THE END" in (page.parent / unquote(reply)).read_text()


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (1280, True), (390, False), (390, True)])
def test_it_fits_and_can_be_read(page: Path, tmp_path: Path, width: int, dark: bool) -> None:
    """No sideways scrolling at phone or desktop width, and ink stands out from paper in light and dark."""
    with open_browser(width, 844, dark=dark) as browser:
        browser.get(page.as_uri())
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
        colours = browser.execute_script(
            "const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]"
        )
        ink, paper = (sum(int(part) for part in colour.strip("rgba()").split(",")[:3]) / 3 for colour in colours)
        assert abs(ink - paper) > 150
        assert (paper < 128) is dark
        letters = browser.execute_script("return getComputedStyle(document.querySelector('figure svg text')).fill")
        assert letters == colours[0]
        screenshot(browser, Path(SHOTS or tmp_path) / f"report-{width}-{'dark' if dark else 'light'}.png")
        open_row(browser, "lab__third-1")
        assert browser.execute_script(
            "const d = document.getElementById('instance'); return d.scrollWidth <= d.clientWidth + 1"
        )
        assert complaints(browser) == []
