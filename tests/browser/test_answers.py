"""An answer of ANS as somebody of the registry walks it: sent, read, narrowed, explained, set aside."""

import pytest
from playwright.sync_api import expect

from sib.models import Critica, Rejection, RpxFile
from sib.services.results.receive import settle_rpx
from tests.accessibility import page_faults
from tests.factories import BeneficiaryFactory
from tests.sib.rpx_answers import included, processed, refused, rejected, sent_file, sent_movement, settled

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def inbox(tmp_path, settings):
    settings.INBOX_DIR = tmp_path / "entrada"


@pytest.fixture
def answer(place, tmp_path):
    """Two rejections and a CCO that somebody else has; not sent yet."""
    sbx = sent_file(place)
    names = ("Conceição Aparecida da Silva", "Antônio Carlos Pereira")
    number, name = (sent_movement(sbx, BeneficiaryFactory(person__name=each)) for each in names)
    new = sent_movement(sbx, BeneficiaryFactory(cco=None), "1")
    errors = [
        rejected(number),
        rejected(name, 2, field_code="01", field_name="NOME", value="ANTONIO C PEREIRA", error_code="0199"),
    ]
    return processed(tmp_path / "resposta.RPX", sbx, rejections=errors, inclusions=[included(new, number.cco)])


@pytest.fixture
def at(place, live_server):
    return lambda path: f"{live_server.url}/o/{place.registration}/{path}"


def test_an_answer_is_sent_read_and_worked_through(signed, at, answer):
    signed.goto(at("resultados/"))
    signed.get_by_role("link", name="Enviar resultado").click()
    signed.get_by_label("Arquivo do resultado").set_input_files(answer)
    signed.get_by_role("button", name="Enviar").click()
    expect(signed.get_by_role("heading", name="resposta.RPX")).to_be_visible()

    settle_rpx(RpxFile.objects.get().pk)

    expect(signed.get_by_text("processado pela ANS")).to_be_visible()  # the page asks by itself
    signed.get_by_role("link", name="Nome do beneficiário").click()
    expect(signed.get_by_role("link", name="Conceição Aparecida da Silva")).to_be_hidden()
    signed.get_by_role("link", name="Antônio Carlos Pereira").click()
    expect(signed.get_by_role("heading", name="Recusado pela ANS")).to_be_visible()
    signed.goto(at("recusas/"))
    signed.get_by_role("button", name="Dar por resolvida a recusa do campo CNS").click()
    expect(signed.get_by_text("Recusa dada por resolvida.")).to_be_visible()
    assert Rejection.objects.pending().get().field_code == "01"


def test_an_explanation_is_written_and_read(signed, at, answer):
    settled(answer)
    signed.goto(at("criticas/"))

    signed.get_by_role("link", name="0199").click()
    signed.get_by_label("O que quer dizer").fill("O nome está abreviado.")
    signed.get_by_label("O que fazer").fill("Peça o documento.")
    signed.get_by_role("button", name="Gravar").click()

    signed.goto(at("recusas/?campo=01"))
    expect(signed.get_by_text("Peça o documento.")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_of_answers_are_accessible(signed, at, place, answer, tmp_path, scheme):
    file = settled(answer)
    other = sent_file(place, sequence=2)
    sent_movement(other, BeneficiaryFactory())
    whole = settled(refused(tmp_path / "recusado.RPX", other))
    paths = (
        "resultados/", "resultados/enviar/", f"resultados/{file.pk}/", f"resultados/{whole.pk}/", "recusas/",
        "criticas/", "criticas/nova/", f"criticas/{Critica.objects.first().pk}/",
    )  # fmt: skip
    signed.emulate_media(color_scheme=scheme)

    found = {}
    for path in paths:
        signed.goto(at(path))
        found[path] = page_faults(signed)

    assert found == {path: [] for path in paths}
