"""Onboarding an operator from its first conference."""

from sib.services import onboarding
from sib.services.onboarding import confirm_onboarding, request_founding


def onboard(file, *, with_inactive=False, apply=True):
    run = request_founding(file, with_inactive=with_inactive)
    onboarding.process_onboarding(run.pk)
    if apply:
        assert confirm_onboarding(run)
        onboarding.process_onboarding(run.pk)
    run.refresh_from_db()
    return run
