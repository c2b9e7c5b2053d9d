"""Make the README's pictures from rendered reports: .venv/bin/python docs/images/make.py."""

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
# Of each picture the page, where on it, and the colours.
PICTURES = {
    "index": ("index.html", "", "light"),
    "state": ("en/state-guanajuato.html", "", "light"),
    "guard": ("es/guard.html", "#elasticities", "light"),
    "claims": ("en/claims.html", "#main-points", "dark"),
}


def main() -> None:
    """Save a screen of each of the main pages."""
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, (path, place, scheme) in PICTURES.items():
            page = browser.new_page(
                viewport={"width": 1100, "height": 1000},
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            page.goto((ROOT / "reports" / path).as_uri() + place)
            page.screenshot(path=ROOT / f"docs/images/{name}.png")
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
