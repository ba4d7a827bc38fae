import structlog

from beneficiaries.services.csv_import import drop_folder, import_jobs, upload
from operators.tasks import job_task, periodic_task

logger = structlog.get_logger(__name__)


@job_task(name="beneficiaries.import_file")
def import_file(*, run_id: int) -> None:
    import_jobs.process(run_id)


@periodic_task(name="beneficiaries.scan_drop_folder")
def scan_drop_folder() -> None:
    drop_folder.scan_drop_folder()


@periodic_task(name="beneficiaries.delete_import_leftovers")
def delete_import_leftovers() -> None:
    if count := upload.discard_undecided():
        logger.info("undecided_imports_discarded", count=count)
    if count := import_jobs.delete_import_leftovers():
        logger.info("import_leftovers_deleted", count=count)
