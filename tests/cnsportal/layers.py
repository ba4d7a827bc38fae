"""How high each app stands: of two, the one with the greater number may import the other."""

import tomllib

from tests.paths import ROOT

LAYERS = [
    layer.split(" | ")
    for layer in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]["layers"]
]
LEVELS = {app: -level for level, apps in enumerate(LAYERS) for app in apps}
