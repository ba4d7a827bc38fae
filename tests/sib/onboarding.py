"""Onboarding an operator from its first conference."""

from sib.services import onboarding
from sib.services.onboarding import agree, request_founding


def onboard(file, *, with_inactive=False, apply=True):
    run = request_founding(file, with_inactive=with_inactive)
    onboarding.process(run.pk)
    if apply:
        assert agree(run)
        onboarding.process(run.pk)
    run.refresh_from_db()
    return run
