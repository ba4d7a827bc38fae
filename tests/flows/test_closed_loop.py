"""The closed loop through the pages: what ANS has, what is told to it, what it answers, mended, told again, equal."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from beneficiaries.models import CnsSource
from beneficiaries.services import CnsOffer, attach_cns
from demo.synthetic.rpx_answers import answer
from operators.permissions import Role
from sib.formats.cnx.writer import Heading
from sib.formats.rpx.writer import write_rpx
from sib.models import ConferenceFile, Movement, MovementState, Rejection, RpxFile, SbxFile, SbxState
from sib.services import process_conference
from sib.services.movements.draft import draft_movements
from sib.services.results.receive import settle_rpx
from tests.factories import BeneficiaryFactory, cns
from tests.pages import signed_in, text_of
from tests.sib.cns_numbers import hold
from tests.sib.files import conference, record

KNOWN, NEW = "Conceição Aparecida da Silva", "Raimundo Nonato Alves"


class Office:
    """Two people at work: a clerk who prepares, an administrator who approves; and ANS at the other end."""

    def __init__(self, operator, folder) -> None:
        self.operator = operator
        self.folder = folder
        self.clerk = signed_in(operator, Role.CADASTRO)
        self.administrator = signed_in(operator, Role.ADMINISTRACAO)
        self.conferences = self.answers = 0

    def at(self, name, *args: object):
        return reverse(name, args=[self.operator.registration, *args])

    def read(self, name, *args: object):
        return text_of(self.clerk.get(self.at(name, *args)))

    def send_conference(self, *records: str):
        """ANS's conference sent by browser, read and applied by a worker; its page."""
        self.conferences += 1
        path = conference(
            self.folder / f"{self.conferences}.CNX", *records, registration=self.operator.registration,
            sequence=self.conferences,
        )  # fmt: skip
        given = {"sent": SimpleUploadedFile(path.name, path.read_bytes()), "deed": "aplicar"}
        self.administrator.post(self.at("sib:conference_upload"), given)
        file = ConferenceFile.objects.latest("pk")
        process_conference(file.pk)
        file.refresh_from_db()
        return file, self.read("sib:conference", file.pk)

    def compose(self):
        """Movements drafted by a worker and put into a file by the clerk."""
        self.clerk.post(self.at("sib:movements_draft"))
        draft_movements(actor=self.clerk.user)
        self.clerk.post(self.at("sib:sbx_file_compose"), {"competence": "11/2026"})
        return SbxFile.objects.latest("pk")

    def hand_over(self, file):
        """Approved by the other, downloaded, marked as sent; the file as ANS receives it."""
        self.administrator.post(self.at("sib:sbx_file_approve", file.pk))
        response = self.administrator.post(self.at("sib:sbx_file_download", file.pk))
        self.administrator.post(self.at("sib:sbx_file_mark_sent", file.pk))
        return b"".join(response.streaming_content)

    def hear(self, sbx, content, *, reject_every=0):
        """ANS's answer sent by browser and settled by a worker; its page."""
        self.answers += 1
        stream = io.BytesIO()
        heading = Heading(self.operator.registration, self.answers, "2026-11-25T02:00:00")
        write_rpx(stream, heading, answer(io.BytesIO(content), sbx.name, reject_every=reject_every))
        name = f"{self.operator.registration}2026112502000{self.answers}.RPX"
        self.clerk.post(self.at("sib:result_upload"), {"sent": SimpleUploadedFile(name, stream.getvalue())})
        file = RpxFile.objects.latest("pk")
        settle_rpx(file.pk)
        return self.read("sib:result", file.pk)


@pytest.fixture
def office(operator, tmp_path, settings):
    settings.INBOX_DIR = tmp_path / "entrada"
    settings.OUTBOX_DIR = tmp_path / "saída"
    return Office(operator, tmp_path)


def _states():
    return sorted(Movement.objects.values_list("type", "state"))


def test_the_loop_closes(office):
    # ANS does not know the number of one, and does not know the other at all.
    known = BeneficiaryFactory(cco="000000000191", person__name=KNOWN)
    new = BeneficiaryFactory(cco=None, code="00410000000051701", person__name=NEW)
    hold(known, cns(1))
    hold(new, cns(2))
    _, page = office.send_conference(record(known, cns=None))
    assert KNOWN in page
    assert NEW in page

    # The clerk prepares; she cannot approve what she prepared; the administrator can.
    first = office.compose()
    assert _states() == [("1", MovementState.READY), ("2", MovementState.READY)]
    assert office.clerk.post(office.at("sib:sbx_file_approve", first.pk)).status_code == 403
    content = office.hand_over(first)
    first.refresh_from_db()
    assert (first.state, cns(1).encode() in content, b"00410000000051701" in content) == (SbxState.SENT, True, True)

    # ANS includes the one, and rejects the number of the other.
    page = office.hear(first, content, reject_every=2)
    new.refresh_from_db()
    assert "processado pela ANS" in page
    assert f"{KNOWN} CCO 000000000191 Retificação" in page
    assert _states() == [("1", MovementState.ACCEPTED), ("2", MovementState.REJECTED)]
    assert len(new.cco) == 12

    # The rejection stands on the person with its next step.
    page = office.read("beneficiaries:person", known.person_id)
    assert "Recusado pela ANS" in page
    assert "Abra a pessoa e consulte o DATASUS." in page

    # The number is mended; what is drafted again is accepted, and the rejection is over.
    attach_cns([CnsOffer(known.person_id, cns(3), CnsSource.CADSUS, kind="D", tier="A")])
    second = office.compose()
    content = office.hand_over(second)
    assert (cns(3).encode() in content, cns(1).encode() in content) == (True, False)
    office.hear(second, content)
    assert _states() == [
        ("1", MovementState.ACCEPTED), ("2", MovementState.ACCEPTED), ("2", MovementState.REJECTED),
    ]  # fmt: skip
    assert not Rejection.objects.pending().exists()
    assert "Recusado pela ANS" not in office.read("beneficiaries:person", known.person_id)

    # What ANS accepted is not told again, though its last conference does not show it yet.
    draft_movements()
    assert not Movement.objects.filter(file=None).exists()

    # The next conference says what the registry says.
    file, page = office.send_conference(record(known, cns=cns(3)), record(new, cns=cns(2)))
    assert (file.outcomes, file.only_here) == ({"EQUAL": 2}, 0)
    assert "Nenhuma diferença aqui" in page
    draft_movements()
    assert not Movement.objects.filter(file=None).exists()
