"""Pictures of pages, for whoever wants to look at them."""

import os
from pathlib import Path

PICTURES = os.environ.get("PICTURES")
"""A folder to which pages are drawn."""


def draw(page, name):
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
