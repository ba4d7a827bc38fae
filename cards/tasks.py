from cards.services import process_batch, webhooks
from operators.tasks import each_operator, operator_errand, operator_task


@operator_task(name="cards.render_batch")
def render_batch(*, run_id: int) -> None:
    process_batch(run_id)


@each_operator(name="cards.wake_webhooks")
def wake_webhooks() -> None:
    webhooks.wake_webhook()


@operator_errand(name="cards.deliver_events")
def deliver_events() -> None:
    webhooks.deliver_events()
