"""The simulator's control page in a real browser: one fault given and taken back, for eyes, keys and readers alike."""

import pytest
from playwright.sync_api import expect

from tests.accessibility import page_faults
from tests.datasus_simulator.fixtures import running_simulator


@pytest.fixture
def simulator(tmp_path):
    with running_simulator([], tmp_path, control=True) as simulator:
        yield simulator


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_are_fit_for_everybody(browser, simulator, scheme):
    context = browser.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": 390, "height": 844})
    page = context.new_page()

    found = {}
    for path in ("page", "people"):
        page.goto(f"{simulator.control_url}/{path}")
        found[path] = page_faults(page)
    context.close()

    assert found == {"page": [], "people": []}


def test_fault_is_given_and_taken_back_without_javascript(browser, simulator):
    context = browser.new_context(java_script_enabled=False, locale="pt-BR")
    page = context.new_page()
    page.goto(f"{simulator.control_url}/page")

    page.get_by_label("Número (CPF, CNS ou NIS)").fill("123")
    page.get_by_role("button", name="Acrescentar falha").click()
    expect(page.get_by_text("Escreva um CPF ou NIS (11 dígitos) ou um CNS (15 dígitos).")).to_be_visible()
    page.get_by_label("Número (CPF, CNS ou NIS)").fill("111.444.777-35")
    page.get_by_label("O que acontece").select_option("html_200")
    page.get_by_role("button", name="Acrescentar falha").click()
    expect(page.get_by_role("status")).to_have_text("Falha acrescentada.")
    given = {key: sorted(map(str, manners)) for key, manners in simulator.state.switches.faults.items()}
    page.get_by_role("button", name="Tirar: 200 com página que é XML bem formado").click()
    expect(page.get_by_role("status")).to_have_text("Falha retirada.")
    context.close()

    assert (given, simulator.state.switches.faults) == ({"11144477735": ["html_200"]}, {})
