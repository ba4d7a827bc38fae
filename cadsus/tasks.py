from cadsus import services
from cadsus.models import Priority
from operators.models import User
from operators.tasks import job_task, operator_task, periodic_task


@job_task(name="cadsus.run_lookup")
def run_lookup(*, run_id: int) -> None:
    services.run_lookup(run_id)


@job_task(name="cadsus.run_check")
def run_check(*, run_id: int) -> None:
    services.run_check(run_id)


@job_task(name="cadsus.run_own_cns_check")
def run_own_cns_check(*, run_id: int) -> None:
    services.run_own_cns_check(run_id)


@operator_task(name="cadsus.work_queue")
def work_queue() -> None:
    services.work_queue()


@periodic_task(name="cadsus.wake_queues")
def wake_queues() -> None:
    services.end_lapsed_pause()
    services.wake_if_pending()
    services.watch_link()


@operator_task(name="cadsus.cancel_queued")
def cancel_queued(*, priorities: list[int], actor_id: int) -> None:
    services.cancel_queued([Priority(value) for value in priorities], User.objects.get(pk=actor_id))


@operator_task(name="cadsus.check_revocations_here")
def check_revocations_here() -> None:
    services.check_revocations()


@periodic_task(name="cadsus.check_revocations")
def check_revocations() -> None:
    services.check_revocations()


@periodic_task(name="cadsus.warn_of_expiry")
def warn_of_expiry() -> None:
    services.warn_of_expiry()


@operator_task(name="cadsus.ask_missing_here")
def ask_missing_here() -> None:
    services.ask_missing()


@periodic_task(name="cadsus.ask_missing")
def ask_missing() -> None:
    services.ask_missing()
    services.recheck()
