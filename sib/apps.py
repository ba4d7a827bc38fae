from django.apps import AppConfig

from beneficiaries.under_way import register_guard


class SibConfig(AppConfig):
    name = "sib"

    def ready(self) -> None:
        from sib.services.guarding import conference_under_way

        register_guard(conference_under_way)
