from operators.models import User
from operators.tasks import job_task, operator_task, periodic_task
from sib.services import inbox, night_report, onboarding
from sib.services.conferences import pipeline
from sib.services.movements import draft
from sib.services.results import receive


@job_task(name="sib.process_file")
def process_file(*, run_id: int) -> None:
    pipeline.process_conference(run_id)


@job_task(name="sib.settle_rpx")
def settle_rpx(*, run_id: int) -> None:
    receive.settle_rpx(run_id)


@periodic_task(name="sib.scan_inbox")
def scan_inbox() -> None:
    inbox.scan_inbox()


@periodic_task(name="sib.report_night")
def report_night() -> None:
    night_report.make_report()


@operator_task(name="sib.draft_movements")
def draft_movements(*, actor_id: int) -> None:
    draft.draft_movements(actor=User.objects.get(pk=actor_id))


@job_task(name="sib.found")
def found(*, run_id: int) -> None:
    onboarding.process_onboarding(run_id)
