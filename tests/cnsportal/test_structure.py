"""The shape of the code, beside what the import contracts hold: no circles, small modules, small roots of apps."""

import ast
from graphlib import CycleError, TopologicalSorter

from tests.cnsportal.layers import LEVELS
from tests.paths import ROOT

MAX_LINES = 300
MAX_ROOT_MODULES = 12
WHOLE = {"datasus_simulator"}
"""One server: it has no folders of layers."""
BESIDE_EACH_OTHER = "models"
"""Tables refer to each other, so the models of an app may import each other both ways."""


def _name(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {
    _name(path): path
    for app in (*LEVELS, "bench")
    for path in sorted((ROOT / app).rglob("*.py"))
    if path.parent.name != "migrations"
}


def _imported(path):
    """Modules of ours that this one imports, at its beginning, late inside a function, or for types alone."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom):
            inner = {f"{node.module}.{alias.name}" for alias in node.names} & MODULES.keys()
            yield from inner or {node.module} & MODULES.keys()


def _room(module):
    """The models of an app as one; every other module is one by itself."""
    app, _, rest = module.partition(".")
    return f"{app}.{BESIDE_EACH_OTHER}" if rest.partition(".")[0] == BESIDE_EACH_OTHER else module


def _circle(arrows):
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_a_circle_is_found():
    assert _circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) in (
        ["a", "c", "b", "a"],
        ["b", "a", "c", "b"],
        ["c", "b", "a", "c"],
    )


def test_no_modules_import_each_other_in_a_circle_but_the_models():
    arrows: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        room = _room(module)
        arrows.setdefault(room, set()).update({_room(other) for other in _imported(path)} - {room})

    assert (sum(map(len, arrows.values())) > 1500, _circle(arrows)) == (True, [])


def test_no_layers_import_each_other_in_a_circle():
    """A layer is a folder of an app; a module in an app's root stands by itself."""
    arrows: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        layer = _layer(module)
        arrows.setdefault(layer, set()).update({_layer(other) for other in _imported(path)} - {layer})

    assert (len(arrows) > 100, _circle(arrows)) == (True, [])


def _layer(module):
    return ".".join(module.split(".")[:2])


def test_no_folders_within_a_layer_import_each_other_in_a_circle():
    """As of services/credentials/ and services/lookups/; a module beside such folders stands by itself."""
    arrows: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        folder = _folder(module)
        arrows.setdefault(folder, set()).update({_folder(other) for other in _imported(path)} - {folder})

    assert (len(arrows) > 250, _circle(arrows)) == (True, [])


def _folder(module):
    parts = _room(module).split(".")
    return ".".join(parts[:3]) if len(parts) > 3 or MODULES.get(module, ROOT).name == "__init__.py" else _room(module)


def test_no_module_is_longer_than_can_be_read_at_once():
    lines = {module: len(path.read_text().splitlines()) for module, path in MODULES.items()}

    assert {module: count for module, count in lines.items() if count > MAX_LINES} == {}


def test_roots_of_apps_hold_little():
    roots = {app: [path.name for path in (ROOT / app).glob("*.py")] for app in LEVELS.keys() - WHOLE}

    assert {app: names for app, names in roots.items() if len(set(names) - {"__init__.py"}) > MAX_ROOT_MODULES} == {}


def test_abstract_methods_are_declared_as_such():
    """A class that lacks one cannot be made; raising an error would be found by whoever calls it."""
    raising = [module for module, path in MODULES.items() if "raise NotImplementedError" in path.read_text()]

    assert raising == []
