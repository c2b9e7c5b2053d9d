"""Make the README's picture from a rendered report: .venv/bin/python docs/images/make.py."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


def main() -> None:
    """Save the first screen of the report on Guanajuato."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1200, "height": 1330}, color_scheme="light")
        page.goto((ROOT / "reports/en/state-guanajuato.html").as_uri())
        page.screenshot(path=ROOT / "docs/images/report.png")
        browser.close()


if __name__ == "__main__":
    main()
