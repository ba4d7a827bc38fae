from django.urls import path, register_converter

from cards.api import CardAPI, CardFileAPI, EventsAPI, IssueCardAPI
from cards.views.batches import (
    BatchDetail,
    BatchList,
    BatchOfSelection,
    BatchProgress,
    CancelBatch,
    CreateBatch,
    DownloadBatch,
    MarkBatch,
    RecordLayout,
    ReprintBatch,
    RetryBatch,
)
from cards.views.cards import CardDetail, CardList, CardPicture
from cards.views.digital_links import DigitalLinkList, RevokeDigitalLink
from cards.views.files import DownloadCardFile
from cards.views.issue_policy import IssuePolicy
from cards.views.lifecycle import IssueCard, IssueSecondCopy, MarkCard, ReportCardLost, VoidCard
from cards.views.operator_names import OperatorNames
from cards.views.preview_on_date import PreviewOnDate, PreviewPicture
from cards.views.theme import EditTheme, ThemePicture
from cards.views.webhooks import PauseWebhook, SetWebhook, TestWebhook, WebhookDetail


class SideConverter:
    regex = "frente|verso"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SideConverter, "side")

app_name = "cards"
BENEFICIARY = "api/v1/beneficiarios/<str:code>/"
urlpatterns = [
    path("cartoes/", CardList.as_view(), name="cards"),
    path("cartoes/<int:pk>/", CardDetail.as_view(), name="card"),
    path("cartoes/<int:pk>/<side:side>.svg", CardPicture.as_view(), name="card_picture"),
    path("cartoes/<int:pk>/emitir/", IssueCard.as_view(), name="card_issue"),
    path("cartoes/<int:pk>/como-em/", PreviewOnDate.as_view(), name="card_preview"),
    path("cartoes/<int:pk>/como-em/<str:day>/<side:side>.svg", PreviewPicture.as_view(), name="card_preview_picture"),
    path("cartoes/<int:pk>/links/", DigitalLinkList.as_view(), name="digital_links"),
    path("cartoes/links/<int:pk>/revogar/", RevokeDigitalLink.as_view(), name="digital_link_revoke"),
    path("cartoes/vias/<int:pk>/arquivos/<str:name>", DownloadCardFile.as_view(), name="card_file"),
    path("cartoes/<int:pk>/segunda-via/", IssueSecondCopy.as_view(), name="card_second_copy"),
    path("cartoes/vias/<int:pk>/anular/", VoidCard.as_view(), name="card_void"),
    path("cartoes/aparencia/", EditTheme.as_view(), name="theme"),
    path("cartoes/aparencia/<side:side>.svg", ThemePicture.as_view(), name="theme_picture"),
    path("cartoes/webhook/", WebhookDetail.as_view(), name="webhook"),
    path("cartoes/webhook/definir/", SetWebhook.as_view(), name="webhook_set"),
    path("cartoes/webhook/testar/", TestWebhook.as_view(), name="webhook_test"),
    path("cartoes/webhook/pausar/", PauseWebhook.as_view(), name="webhook_pause"),
    path(f"{BENEFICIARY}cartao/", CardAPI.as_view(), name="api_card"),
    path(f"{BENEFICIARY}cartao/emitir/", IssueCardAPI.as_view(), name="api_issue"),
    path(f"{BENEFICIARY}cartao/<str:name>", CardFileAPI.as_view(), name="api_file"),
    path("api/v1/eventos/", EventsAPI.as_view(), name="api_events"),
    path("cartoes/vias/<int:pk>/perda/", ReportCardLost.as_view(), name="card_lost"),
    path("cartoes/vias/<int:pk>/marcar/", MarkCard.as_view(), name="card_mark"),
    path("operadora/", OperatorNames.as_view(), name="operator_names"),
    path("cartoes/politica/", IssuePolicy.as_view(), name="issue_policy"),
    path("cartoes/lotes/", BatchList.as_view(), name="batches"),
    path("cartoes/lotes/novo/", CreateBatch.as_view(), name="batch_new"),
    path("cartoes/lotes/escolhidos/", BatchOfSelection.as_view(), name="batch_of_selection"),
    path("cartoes/lotes/leiaute/", RecordLayout.as_view(), name="record_layout"),
    path("cartoes/lotes/<int:pk>/", BatchDetail.as_view(), name="batch"),
    path("cartoes/lotes/<int:pk>/andamento/", BatchProgress.as_view(), name="batch_progress"),
    path("cartoes/lotes/<int:pk>/arquivo/", DownloadBatch.as_view(), name="batch_download"),
    path("cartoes/lotes/<int:pk>/marcar/", MarkBatch.as_view(), name="batch_move"),
    path("cartoes/lotes/<int:pk>/cancelar/", CancelBatch.as_view(), name="batch_cancel"),
    path("cartoes/lotes/<int:pk>/repetir/", RetryBatch.as_view(), name="batch_retry"),
    path("cartoes/lotes/<int:pk>/reimprimir/", ReprintBatch.as_view(), name="batch_reprint"),
]
