from django.urls import path, register_converter

from cards.api import CardFile, CardOfBeneficiary, Events, IssueCard
from cards.views.batches import (
    Batches,
    BatchPage,
    BatchProgress,
    CancelBatch,
    DownloadBatch,
    MoveBatch,
    NewBatch,
    RecordLayout,
    ReprintBatch,
    RetryBatch,
)
from cards.views.cards import CardPage, Cards, Picture
from cards.views.digital_links import Links, Revoke
from cards.views.files import TakeFile
from cards.views.issue_policy import CardPolicy
from cards.views.lifecycle import Issue, Lose, Mark, SecondCopy, Void
from cards.views.preview_on_date import Foresee, ForeseenPicture
from cards.views.theme import ThemePage, ThemePicture
from cards.views.webhooks import PauseWebhook, SetWebhook, TryWebhook, WebhookPage


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
    path("cartoes/", Cards.as_view(), name="cards"),
    path("cartoes/<int:pk>/", CardPage.as_view(), name="card"),
    path("cartoes/<int:pk>/<side:side>.svg", Picture.as_view(), name="card_picture"),
    path("cartoes/<int:pk>/emitir/", Issue.as_view(), name="card_issue"),
    path("cartoes/<int:pk>/como-em/", Foresee.as_view(), name="card_preview"),
    path("cartoes/<int:pk>/como-em/<str:day>/<side:side>.svg", ForeseenPicture.as_view(), name="card_preview_picture"),
    path("cartoes/<int:pk>/links/", Links.as_view(), name="digital_links"),
    path("cartoes/links/<int:pk>/revogar/", Revoke.as_view(), name="digital_link_revoke"),
    path("cartoes/vias/<int:pk>/arquivos/<str:name>", TakeFile.as_view(), name="card_file"),
    path("cartoes/<int:pk>/segunda-via/", SecondCopy.as_view(), name="card_second_copy"),
    path("cartoes/vias/<int:pk>/anular/", Void.as_view(), name="card_void"),
    path("cartoes/aparencia/", ThemePage.as_view(), name="theme"),
    path("cartoes/aparencia/<side:side>.svg", ThemePicture.as_view(), name="theme_picture"),
    path("cartoes/webhook/", WebhookPage.as_view(), name="webhook"),
    path("cartoes/webhook/definir/", SetWebhook.as_view(), name="webhook_set"),
    path("cartoes/webhook/testar/", TryWebhook.as_view(), name="webhook_test"),
    path("cartoes/webhook/pausar/", PauseWebhook.as_view(), name="webhook_pause"),
    path(f"{BENEFICIARY}cartao/", CardOfBeneficiary.as_view(), name="api_card"),
    path(f"{BENEFICIARY}cartao/emitir/", IssueCard.as_view(), name="api_issue"),
    path(f"{BENEFICIARY}cartao/<str:name>", CardFile.as_view(), name="api_file"),
    path("api/v1/eventos/", Events.as_view(), name="api_events"),
    path("cartoes/vias/<int:pk>/perda/", Lose.as_view(), name="card_lost"),
    path("cartoes/vias/<int:pk>/marcar/", Mark.as_view(), name="card_mark"),
    path("cartoes/politica/", CardPolicy.as_view(), name="issue_policy"),
    path("cartoes/lotes/", Batches.as_view(), name="batches"),
    path("cartoes/lotes/novo/", NewBatch.as_view(), name="batch_new"),
    path("cartoes/lotes/leiaute/", RecordLayout.as_view(), name="record_layout"),
    path("cartoes/lotes/<int:pk>/", BatchPage.as_view(), name="batch"),
    path("cartoes/lotes/<int:pk>/andamento/", BatchProgress.as_view(), name="batch_progress"),
    path("cartoes/lotes/<int:pk>/arquivo/", DownloadBatch.as_view(), name="batch_download"),
    path("cartoes/lotes/<int:pk>/marcar/", MoveBatch.as_view(), name="batch_move"),
    path("cartoes/lotes/<int:pk>/cancelar/", CancelBatch.as_view(), name="batch_cancel"),
    path("cartoes/lotes/<int:pk>/repetir/", RetryBatch.as_view(), name="batch_retry"),
    path("cartoes/lotes/<int:pk>/reimprimir/", ReprintBatch.as_view(), name="batch_reprint"),
]
