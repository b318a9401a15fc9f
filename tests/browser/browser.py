"""A real headless browser with a profile of its own, and what it wrote to its console."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")


@contextlib.contextmanager
def open_browser(width: int = 1280, height: int = 900, *, dark: bool = False) -> Iterator[Any]:
    """A chromium of this size and colour scheme. It has no way to any network that its pages could use unseen: the log tells."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with tempfile.TemporaryDirectory(prefix="browser-") as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM or ""
        for flag in (
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}",
            f"--window-size={width},{height}", "--force-color-profile=srgb",
        ):  # fmt: skip
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        browser = webdriver.Chrome(options=options, service=Service(DRIVER or ""))
        try:
            scheme = "dark" if dark else "light"
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            browser.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
            browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            yield browser
        finally:
            browser.quit()


@contextlib.contextmanager
def open_page(path: Path) -> Iterator[Any]:
    """A page at desktop width; when it is left, nothing has complained, run or been fetched."""
    with open_browser() as browser:
        browser.get(path.as_uri())
        yield browser
        assert complaints(browser) == []
        assert browser.execute_script("return window.harmed") is None
        assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


def complaints(browser: Any) -> list[str]:
    """What the console holds: errors, warnings, refused requests."""
    return [entry["message"] for entry in browser.get_log("browser")]


def screenshot(browser: Any, path: Path) -> None:
    """The page from top to bottom."""
    import base64

    taken = browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True})
    path.write_bytes(base64.b64decode(taken["data"]))
