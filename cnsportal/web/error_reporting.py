"""Error reporting without values: an error page never shows the data that were being processed."""

import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest, QueryDict
from django.views.debug import SafeExceptionReporterFilter


class HideValuesFilter(SafeExceptionReporterFilter):
    """Files, lines and code, also under ``CNSPORTAL_DEBUG``; no variables, nothing that was typed, no secret setting.

    Anybody's CPF, or a certificate's key, may be in any frame.
    """

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|KEK|_URL$|BROKER|LOCATION|CREDENTIAL", re.IGNORECASE
    )

    def is_active(self, request: HttpRequest | None) -> bool:  # noqa: ARG002  (Django's signature)
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> QueryDict | dict[str, Any]:
        if request is None:
            return {}
        return dict.fromkeys(request.POST, self.cleansed_substitute)

    def get_traceback_frame_variables(
        self,
        request: HttpRequest | None,  # noqa: ARG002  (Django's signature)
        tb_frame: FrameType,  # noqa: ARG002  (Django's signature)
    ) -> ItemsView[str, Any]:
        return dict[str, Any]().items()
