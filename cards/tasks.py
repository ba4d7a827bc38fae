from cards.services import process_batch
from operators.tasks import operator_task


@operator_task(name="cards.render_batch")
def render_batch(*, run_id: int) -> None:
    process_batch(run_id)
