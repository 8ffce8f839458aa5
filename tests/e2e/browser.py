"""The browser of the end-to-end tests: Chromium or Chrome as this machine has it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_browser() -> str:
    """The path of an installed browser.

    Raises:
        AssertionError: there is none; tests that need it fail rather than be skipped, so that nobody takes an app
            that no browser has opened for a tested one.
    """
    for name in NAMES:
        if path := shutil.which(name):
            return path
    raise AssertionError(
        f"The end-to-end tests need a browser and found none of {', '.join(NAMES)} on PATH: "
        "install one (Debian, Ubuntu: apt-get install chromium)."
    )


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless browser, closed at the end."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=ARGUMENTS)
        yield browser
        browser.close()
