from django.apps import AppConfig

from beneficiaries.work_in_progress import register_guard


class SibConfig(AppConfig):
    name = "sib"

    def ready(self) -> None:
        from sib.queries.work_in_progress import conference_under_way

        register_guard(conference_under_way)
