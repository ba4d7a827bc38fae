"""Records what the last applied conference says against people's numbers, as facts for their pending reasons."""

from beneficiaries.models import CnsSource
from beneficiaries.services.pending_facts import replace_refusals
from cnsportal.db.sql_files import read_statements
from sib.models import CnxStep, ConferenceFile
from sib.queries.apply_summary import REVERTED

_SQL = read_statements("sib/sql/pending_facts.sql")


def note_what_ans_refuses(file: ConferenceFile | None = None) -> None:
    """Of this conference, or of the last that is applied; what another one said is said no more."""
    if file is None:
        file = ConferenceFile.objects.filter(step=CnxStep.APPLIED).order_by("-pk").first()
    told = {"file": file.pk if file else 0, "reverted": REVERTED}
    replace_refusals(_SQL["refused"], told, source=CnsSource.CNX)
