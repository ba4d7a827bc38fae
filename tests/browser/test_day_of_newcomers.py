"""A day of ten newcomers, by pages alone: a spreadsheet comes in, DATASUS is asked, doubts are decided, cards are
issued, printed and delivered, the list goes out. Real worker, real simulator; the clerk's time is counted.
"""

import csv
import re
import time
from base64 import b64encode

import pytest
import xlsxwriter
from celery import current_app
from django.utils import timezone
from playwright.sync_api import expect
from pypdf import PdfReader

from beneficiaries.domain.identifiers import cpf_from_base
from cadsus.models import EnvironmentName
from cadsus.pki.icp_brasil import read_certificate
from cadsus.services import seal_credential
from datasus_simulator.pki import TestPki
from operators.models import Operator
from tests.csv_tables import csv_rows
from tests.factories import cns
from tests.pictures import draw
from tests.processes import portal_process

pytestmark = pytest.mark.django_db(transaction=True)

WORK_PATIENCE = 30_000  # milliseconds for what the worker does meanwhile
CLICK_SECONDS = 3  # to decide on it (1.35), to point (1.1), to press; keystroke-level model, rounded up
KEY_SECONDS = 0.5  # of somebody who types slowly
READING_SECONDS = 8  # of a page that something is decided on
MAX_DAY_SECONDS = 600

NAMES = (
    *("Ana Beatriz Fictícia Prado", "Bruno Exemplo Tavares", "Célia Inventada Moura", "Davi Modelo Figueiredo"),
    *("Elisa Fictícia Conceição", "Fábio Exemplo Guimarães", "Gilda Inventada Araújo", "Hugo Modelo Cerqueira"),
)
DOUBTFUL = ("Irene Aparecida Fictícia Lopes", "João Batista Exemplo Nunes")
"""DATASUS has their middle names as initials."""
EVERYBODY = (*NAMES, *DOUBTFUL)
PLAN = {
    "numeroPlanoANS": "400000001",
    "nomePlano": "Essencial Enfermaria",
    "segmentacao": "06",
    "acomodacao": "C",
    "abrangencia": "4",
    "contratacao": "1",
    "regulamentacao": "R",
    "dataAssinaturaContrato": "2026-11-02",
}


def cpf(index):
    return cpf_from_base(f"{400000000 + index:09d}")


def newcomer(index, name):
    """As the sales department's system names its columns."""
    return {
        "codigoBeneficiario": f"70{index:04d}",
        "cpf": cpf(index),
        "nome": name,
        "sexo": "3",
        "dataNascimento": f"1984-03-{index + 1:02d}",
        "nomeMae": f"Marta Fictícia {name.split()[-1]}",
        "relacaoDependencia": "1",
        "Entrou em": "2026-11-02",
        "numeroContrato": f"2026/{index:05d}",
        **PLAN,
    }


def known(index, name):
    """The person as DATASUS has it."""
    first, second, *rest = name.split()
    row = newcomer(index, name)
    return {
        "person": index,
        "cpf": row["cpf"],
        "cns": cns(index),
        "cns_kind": "D",
        "name": " ".join([first, second[0], *rest] if name in DOUBTFUL else [name]).upper(),
        "mother_name": row["nomeMae"].upper(),
        "birth_date": row["dataNascimento"],
        "sex": "F",
        **dict.fromkeys(("social_name", "status", "deceased", "behaviour"), ""),
    }


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "novos de novembro.xlsx"
    rows = [newcomer(index, name) for index, name in enumerate(EVERYBODY)]
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for line, cells in enumerate([list(rows[0]), *(row.values() for row in rows)]):
            sheet.write_row(line, 0, cells)
    return path


@pytest.fixture
def datasus(tmp_path):
    """The simulator's addresses."""
    people = [known(index, name) for index, name in enumerate(EVERYBODY)]
    with (tmp_path / "people.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.DictWriter(file, people[0])
        rows.writeheader()
        rows.writerows(people)
    ports = ["--token-port=0", "--query-port=0", "--control-port=0"]
    arguments = ["manage.py", "run_simulator", f"--people={tmp_path / 'people.csv'}", *ports]
    with portal_process(*arguments, CNSPORTAL_DATA=str(tmp_path)) as simulator:
        yield dict(re.findall(r"(\w+)=(http\S+)", simulator.stdout.readline()))


@pytest.fixture
def stack(place, datasus, settings, tmp_path):
    """An operator that may ask, a worker that schedules as well; they share the server's files."""
    settings.CNSPORTAL_DATA, settings.MEDIA_ROOT = tmp_path, tmp_path / "files"
    Operator.objects.filter(pk=place.pk).update(risky_decisions_by_two=False)  # one clerk does it all
    data = TestPki.open(tmp_path / "simulator" / "pki").issue_ecnpj(
        cnpj=place.cnpj, legal_name=place.legal_name, password="x"
    )
    seal_credential(read_certificate(data, "x", cnpj=place.cnpj, now=timezone.now()), EnvironmentName.SIMULATOR)
    with current_app.connection_for_write() as broker:
        for queue in ("interactive", "lookups", "bulk"):
            broker.default_channel.client.delete(queue)
    arguments = ["--pool=threads", "--concurrency=2", "--queues=interactive,lookups,bulk", "--without-mingle"]
    keys = ",".join(f"{name}:{b64encode(key).decode()}" for name, key in settings.CADSUS_KEKS.items())
    with portal_process(
        *("-m", "celery", "--app=cnsportal", "worker", "--beat", f"--schedule={tmp_path / 'schedule'}", *arguments),
        CNSPORTAL_DATA=str(tmp_path),
        CNSPORTAL_SECRET_KEY=settings.SECRET_KEY,
        CADSUS_KEK=keys,
        CADSUS_TOKEN_URL=datasus["token"],
        CADSUS_QUERY_URL=datasus["consulta"],
        CADSUS_CA_BUNDLE=str(tmp_path / "simulator" / "ca.pem"),
        CADSUS_RATE="0",
    ):
        yield


class Clerk:
    """Somebody at the pages, whose clicks, keys and reading are counted; waiting is measured."""

    def __init__(self, page) -> None:
        self.page, self.clicks, self.keys, self.read, self._began = page, 0, 0, 0, time.monotonic()

    @property
    def seconds(self):
        work = self.clicks * CLICK_SECONDS + self.keys * KEY_SECONDS + self.read * READING_SECONDS
        return work + time.monotonic() - self._began

    def click(self, role, name, within=None):
        self.clicks += 1
        (within or self.page).get_by_role(role, name=name, exact=True).first.click()

    def press(self, key):
        self.keys += 1
        self.page.keyboard.press(key)

    def choose(self, label, option):
        self.clicks += 2
        self.page.get_by_label(label).select_option(label=option)

    def look_for(self, what, name, guide=""):
        """Something of a page that is read before going on."""
        self.read += 1
        expect(what).to_be_visible(timeout=WORK_PATIENCE)
        draw(self.page, f"dia-{name}", guide)


@pytest.fixture
def clerk(signed, stack):
    return Clerk(signed)


def test_ten_newcomers_have_cards_within_ten_minutes_of_clicks(clerk, workbook, tmp_path):
    page = clerk.page
    bring_in(clerk, workbook)
    ask(clerk)
    decide(clerk)
    hand_out(clerk)
    names = take_away(clerk, tmp_path)

    assert sorted(names) == sorted(EVERYBODY)
    assert (clerk.seconds < MAX_DAY_SECONDS, page.url.split("/")[5]) == (True, "exportacoes"), vars(clerk)


def bring_in(clerk, workbook):
    page = clerk.page
    clerk.click("link", "Pessoas", page.get_by_role("navigation").first)
    clerk.click("link", "Importar planilha")
    clerk.click("link", "Enviar planilha")
    clerk.clicks += 3  # the field, the file in the dialogue of the system, its button
    page.get_by_label("Planilha dos beneficiários").set_input_files(workbook)
    clerk.click("button", "Enviar e ensaiar")
    clerk.look_for(page.get_by_role("heading", name="Colunas da planilha"), "colunas", "importar-colunas")
    clerk.choose("Entrou em", "Data de contratação (dataContratacao)")
    clerk.click("button", "Gravar e ensaiar")
    clerk.look_for(page.get_by_role("button", name="Importar", exact=True), "ensaio", "importar-ensaio")
    clerk.click("button", "Importar")
    clerk.look_for(page.get_by_role("link", name="Ver quem está sem CNS"), "importada")


def ask(clerk):
    page = clerk.page
    clerk.click("link", "Consultas", page.get_by_role("navigation").first)
    clerk.click("link", "Perguntar por quem está sem CNS")
    clerk.look_for(page.get_by_role("heading", name="10 pessoas"), "perguntar")
    clerk.click("button", "Perguntar por estas 10 pessoas")
    expect(page.get_by_text("As perguntas estão entrando na fila")).to_be_visible()
    clerk.look_for(page.locator("#consultas").get_by_text("Respondidas 10"), "consultas")
    expect(page.locator("#fila").get_by_text("A fila está vazia.")).to_be_visible()


def decide(clerk):
    page = clerk.page
    clerk.click("link", "Revisões", page.get_by_role("navigation").first)
    for _ in DOUBTFUL:
        clerk.look_for(page.locator("#t-caso"), "caso", "revisoes-caso")
        clerk.press("a")
        expect(page.get_by_text(re.compile("Número aceito para (" + "|".join(DOUBTFUL) + ")"))).to_be_visible()
    clerk.look_for(page.get_by_text("Tudo decidido"), "decidido")


def hand_out(clerk):
    page = clerk.page
    clerk.click("link", "Cartões", page.get_by_role("navigation").first)
    clerk.click("link", "Podem ser emitidos")
    clerk.click("link", "Novo lote")
    clerk.click("button", "Ensaiar")
    clerk.look_for(page.get_by_role("button", name="Emitir estes 10 cartões"), "lote")
    clerk.click("button", "Emitir estes 10 cartões")
    clerk.look_for(page.get_by_role("button", name="Baixar"), "emitidos")
    with page.expect_download() as download:
        clerk.click("button", "Baixar")
    assert len(PdfReader(download.value.path()).pages) == 20
    clerk.click("button", "Marcar como impressos")
    expect(page.get_by_text("10 cartões marcados como impressos.")).to_be_visible()
    clerk.click("button", "Marcar como entregues")
    expect(page.get_by_text("10 cartões marcados como entregues.")).to_be_visible()


def take_away(clerk, tmp_path):
    """Names in the file."""
    page = clerk.page
    clerk.click("link", "Pessoas", page.get_by_role("navigation").first)
    clerk.click("link", "Exportar")
    clerk.choose("Formato", "Texto (CSV), melhor para listas muito grandes")
    clerk.click("button", "Exportar")
    clerk.look_for(page.get_by_role("button", name="Baixar"), "exportada", "exportar")
    with page.expect_download() as download:
        clerk.click("button", "Baixar")
    download.value.save_as(tmp_path / "pessoas.csv")
    return [row[0] for row in csv_rows(tmp_path / "pessoas.csv")][1:]
