"""Pictures of pages: for whoever wants to look at them, and those of the guide (``make pictures``)."""

import os
from pathlib import Path

PICTURES = os.environ.get("PICTURES")
"""A folder to which pages are drawn."""
GUIDE_PICTURES = os.environ.get("GUIDE_PICTURES")
"""Set where the pictures of the guide are drawn anew."""
GUIDE_FOLDER = Path(__file__).parents[1] / "docs" / "images"
MIN_GUIDE_WIDTH = 1000  # pixels; on a phone, or in dark colours, none is drawn for the guide


def draw(page, name, guide=""):
    """``guide`` is the name of the same picture in the guide, which shows what is in sight."""
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    if guide and GUIDE_PICTURES and page.viewport_size["width"] >= MIN_GUIDE_WIDTH and not _is_dark(page):
        page.screenshot(path=GUIDE_FOLDER / f"{guide}.png")


def _is_dark(page):
    return page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
