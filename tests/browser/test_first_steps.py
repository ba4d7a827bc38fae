"""The dashboard of an operator that has nothing yet."""

import pytest
from playwright.sync_api import expect

from tests.accessibility import page_faults
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_first_steps_lead_to_their_pages_and_have_no_barriers(signed, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    expect(signed.get_by_role("heading", name="Primeiros passos")).to_be_visible()
    faults = page_faults(signed)
    draw(signed, f"first-steps-{theme}")

    signed.get_by_role("link", name="Trazer os beneficiários").click()

    expect(signed.get_by_label("Planilha dos beneficiários")).to_be_visible()
    assert faults == []
