"""What keeps somebody from using a page: violations of axe's rules, and a page wider than its screen."""

from axe_playwright_python.sync_playwright import Axe


def page_faults(page):
    """One line a fault. A click returns when the next page begins to arrive, so this waits until it is whole."""
    page.wait_for_load_state()
    violations = Axe().run(page).response["violations"]
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    faults = [f"{rule['id']}: {node['html']}" for rule in violations for node in rule["nodes"]]
    return [*faults, "wider than the screen"] if wide else faults
