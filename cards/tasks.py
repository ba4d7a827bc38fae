import structlog

from cards.services import delete_expired, process_batch, webhooks
from cards.services.idempotent_issue import forget_keys
from operators.tasks import job_task, operator_task, periodic_task

logger = structlog.get_logger(__name__)


@job_task(name="cards.render_batch")
def render_batch(*, run_id: int) -> None:
    process_batch(run_id)


@periodic_task(name="cards.delete_expired")
def delete_expired_files() -> None:
    if count := delete_expired():
        logger.info("card_files_deleted", count=count)


@periodic_task(name="cards.forget_keys")
def forget_issue_keys() -> None:
    if count := forget_keys():
        logger.info("issue_keys_forgotten", count=count)


@periodic_task(name="cards.wake_webhooks")
def wake_webhooks() -> None:
    webhooks.wake_webhook()


@operator_task(name="cards.deliver_events")
def deliver_events() -> None:
    webhooks.deliver_events()
