"""The tray in the header and the page of all jobs, in a real browser."""

import pytest
from playwright.sync_api import expect

from beneficiaries.models import ImportRun
from cnsportal.jobs import Status
from tests.accessibility import page_faults
from tests.pictures import draw

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def run(place):
    return ImportRun.objects.create(
        operator=place, name="base.csv", path="/x", receipt="/x", status=Status.RUNNING, done=1200, total=3000
    )


def test_tray_and_page_change_by_themselves(signed, run, live_server, place):
    signed.goto(f"{live_server.url}/o/{place.registration}/")
    signed.get_by_role("link", name="1 em andamento").click()
    expect(signed.get_by_role("row", name="base.csv")).to_contain_text("1.200 de 3.000")

    ImportRun.objects.update(status=Status.DONE)

    expect(signed.get_by_role("row", name="base.csv")).to_contain_text("concluído")
    expect(signed.get_by_role("link", name="Tarefas")).to_be_visible()


@pytest.mark.parametrize(("theme", "width"), [("light", 1440), ("dark", 390)])
def test_page_of_jobs_has_no_barriers(signed, run, live_server, place, theme, width):
    signed.emulate_media(color_scheme=theme)
    signed.set_viewport_size({"width": width, "height": 900})
    signed.goto(f"{live_server.url}/o/{place.registration}/tarefas/")
    expect(signed.get_by_role("link", name="1 em andamento")).to_be_visible()
    draw(signed, f"jobs-{theme}")

    assert page_faults(signed) == []
