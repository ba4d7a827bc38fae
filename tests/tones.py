"""The tones that the style sheet knows."""

import re

from tests.paths import ROOT

TONES = set(re.findall(r"\.tone-(\w+)", "".join(file.read_text() for file in (ROOT / "static" / "css").glob("*.css"))))
