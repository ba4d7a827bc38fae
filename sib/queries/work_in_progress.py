"""Work on ANS's files that must end before people are merged or split."""

from collections.abc import Collection

from cnsportal.jobs import ACTIVE
from sib.models import ConferenceFile, Founding

UNDER_WAY = "Uma conferência da ANS está sendo lida, aplicada ou desfeita. Espere ela terminar e tente de novo."


def conference_under_way(_people: Collection[int]) -> str:
    """A guard (beneficiaries.registry): a conference at work refers to people as it saw them."""
    runs = (ConferenceFile.objects.filter(status__in=ACTIVE), Founding.objects.filter(status__in=ACTIVE))
    return UNDER_WAY if any(run.exists() for run in runs) else ""
