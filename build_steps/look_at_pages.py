"""Opens the built pages in Chromium at the widths of a phone and a desktop, and has axe-core look at each.

    python3 -m venv V; V/bin/pip install playwright axe-playwright-python
    V/bin/python -m build_steps.look_at_pages dist/docs OUTPUT_FOLDER [--chromium /usr/bin/chromium] [PAGE ...]

Leaves a picture of every page in both widths, and lists what breaks WCAG 2.2 A or AA (contrast, alternative texts,
language, names of links) or skips a level of heading, and pages that are wider than the screen. Exit code 1 if there is
anything. Needs Chromium, which a system's packages have.
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, sync_playwright

WIDTHS = {"phone": (390, 844), "desktop": (1280, 900)}
SCHEMES = ("light", "dark")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
TALLEST = 6000  # pixels of a picture: more is seldom looked at


def faults(page: Page, axe: Axe) -> Iterator[str]:
    """What is wrong with the page that is open."""
    found = axe.run(page, options={"runOnly": {"type": "tag", "values": RULES}}).response
    for violation in found["violations"]:
        for node in violation["nodes"][:3]:
            said = (node.get("failureSummary") or "").splitlines() or [""]
            yield f"{violation['id']}: {' '.join(node['target'][:1])}: {said[-1].strip()}"
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        yield f"{wide} pixels wider than the screen"
    missing = page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)")
    yield from (f"picture does not load: {src}" for src in missing)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("site", type=Path)
    options.add_argument("output", type=Path)
    options.add_argument("pages", nargs="*", metavar="PAGE", help="such as panel; none: all")
    options.add_argument("--chromium", default="/usr/bin/chromium")
    given = options.parse_args()
    given.output.mkdir(parents=True, exist_ok=True)
    pages = [given.site / f"{name}.html" for name in given.pages] or sorted(given.site.glob("*.html"))
    count = 0
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=given.chromium, args=["--no-sandbox"])
        for scheme in SCHEMES:
            for size, (width, height) in WIDTHS.items():
                view = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
                context = browser.new_context(**view)
                asked: list[str] = []
                context.on("request", lambda one, asked=asked: asked.append(one.url))
                page = context.new_page()
                for path in pages:
                    page.goto(path.resolve().as_uri())
                    page.wait_for_timeout(150)
                    for fault in faults(page, Axe()):
                        count += 1
                        print(f"{path.stem} ({size}, {scheme}): {fault}", flush=True)
                    if scheme == "light":
                        tall = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
                        page.set_viewport_size({"width": width, "height": tall})
                        page.screenshot(path=given.output / f"{path.stem}-{size}.png")
                        page.set_viewport_size({"width": width, "height": height})
                outside = {url for url in asked if not url.startswith(("file:", "data:", "blob:"))}
                count += len(outside)
                for url in sorted(outside):
                    print(f"({size}, {scheme}) asks the network for {url}")
                context.close()
        browser.close()
    print(f"{len(pages)} pages in {len(WIDTHS)} widths and {len(SCHEMES)} schemes: {count} faults.")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
