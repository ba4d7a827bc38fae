"""What the documents point to is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
FACTS = ROOT / "docs" / "reference"
SIGN = "\N{SECTION SIGN}"
CITATION = re.compile(rf"docs/reference/(\w+\.md)((?:,?\s+{SIGN}[\d.]*\d)+)")


def _targets(document):
    """Relative links and pictures, without the place inside the page."""
    found = re.findall(r"\]\(([^)\s]+)\)", document.read_text())
    return {
        target.partition("#")[0] for target in found if "://" not in target and not target.startswith(("#", "mailto:"))
    }


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_a_document_leads_somewhere(document):
    assert {target for target in _targets(document) if not (document.parent / target).exists()} == set()


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_every_path_that_guides_through_the_code_is_there(name):
    """Folders of a layer (``sql/``), of any app (``<app>/…``) and what is generated (``.data/…``) are no paths."""
    quoted = re.findall(r"`([\w-][\w./-]*/[\w./-]+)(?::\w+)?`", (ROOT / name).read_text())

    assert (len(quoted) > 20, {path for path in quoted if not (ROOT / path).exists()}) == (True, set())


def test_every_picture_is_shown_somewhere():
    shown = {(document.parent / target).resolve() for document in DOCUMENTS for target in _targets(document)}

    assert {path.name for path in (ROOT / "docs" / "images").iterdir() if path.resolve() not in shown} == set()


def test_every_chapter_of_the_guide_is_reached_from_its_first_page():
    guide = ROOT / "docs" / "guia"

    assert {path.name for path in guide.glob("*.md")} - {"README.md"} <= _targets(guide / "README.md")


# ---- the facts that code cites -------------------------------------------------------------------------------------


def _modules():
    """Every Python module of ours: what the machine made, links included, is not looked into."""
    folders = [path for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(".")]
    return [*ROOT.glob("*.py"), *(module for folder in folders for module in folder.rglob("*.py"))]


def _sections(document):
    """The numbers of its headings, each of which begins with one."""
    return set(re.findall(rf"^#+ {SIGN}([\d.]*\d) ", document.read_text(), re.MULTILINE))


def _cited(text):
    """Pairs of document and section."""
    found = CITATION.findall(text)
    return {(name, number) for name, signs in found for number in re.findall(rf"{SIGN}([\d.]*\d)", signs)}


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        (f"(docs/reference/sib.md {SIGN}5)", {("sib.md", "5")}),
        (f"docs/reference/sib.md {SIGN}3, {SIGN}8.1.", {("sib.md", "3"), ("sib.md", "8.1")}),
        (f"docs/reference/sib.md\n{SIGN}6: what is due", {("sib.md", "6")}),
        (f"(reference {SIGN}5)", set()),
    ],
)
def test_a_citation_names_its_document(text, cited):
    assert _cited(text) == cited


def test_every_fact_that_is_cited_has_its_heading():
    cited = {pair for file in (*_modules(), *DOCUMENTS) for pair in _cited(file.read_text())}

    known = {(document.name, number) for document in FACTS.glob("*.md") for number in _sections(document)}
    assert (cited - known, {name for name, _ in cited}) == (set(), {path.name for path in FACTS.glob("*.md")})


def test_code_cites_no_section_of_a_document_that_it_does_not_name():
    loose = {module: CITATION.sub("", module.read_text()).count(SIGN) for module in _modules()}

    assert {str(module.relative_to(ROOT)) for module, count in loose.items() if count} == set()


@pytest.mark.parametrize("document", sorted(FACTS.glob("*.md")), ids=lambda path: path.name)
def test_facts_are_numbered_once_and_in_order(document):
    numbers = re.findall(r"^##+ (\S+)", document.read_text(), re.MULTILINE)

    ordered = sorted(set(numbers), key=lambda number: [int(part) for part in number.strip(SIGN).split(".")])
    assert numbers == ordered


# ---- the glossary --------------------------------------------------------------------------------------------------

GLOSSARY = ROOT / "docs" / "glossary.md"


def _places(line):
    """What a line of the glossary names in backticks: paths, and names of classes."""
    quoted = re.findall(r"`([^`]+)`", line)
    classes = [name for name in quoted if re.fullmatch(r"(?:[A-Z][a-z]+)+", name)]
    return [name for name in quoted if "/" in name], classes


def test_every_module_of_the_glossary_is_there():
    paths, _classes = _places(GLOSSARY.read_text())

    assert {path for path in paths if not (ROOT / path).exists()} == set()


def test_every_class_of_the_glossary_stands_in_the_module_beside_it():
    missing = set()
    for line in GLOSSARY.read_text().splitlines():
        paths, classes = _places(line)
        text = "".join((ROOT / path).read_text() for path in paths if path.endswith(".py"))
        missing |= {name for name in classes if f"class {name}(" not in text}

    assert missing == set()


def _mechanisms():
    """Each mechanism's terms, and the files that have it."""
    for line in GLOSSARY.read_text().partition("## The mechanisms")[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        files = [ROOT / path for path in re.findall(r"`([^`]+)`", cells[-1])]
        if files:
            yield re.split(r", | \(", cells[0].rstrip(")")), files


def test_every_mechanism_is_found_by_each_of_its_names_where_it_is():
    """Who searches for the field's word finds the module: spelling, blanks and hyphens aside."""
    missing = set()
    for terms, files in _mechanisms():
        modules = [module for file in files for module in (file.rglob("*.py") if file.is_dir() else [file])]
        text = _plain(" ".join(f"{module} {module.read_text()}" for module in modules))
        missing |= {term for term in terms if _plain(term) not in text}

    assert missing == set()


def _plain(text):
    return re.sub(r"[-_\s]", "", text.lower())
