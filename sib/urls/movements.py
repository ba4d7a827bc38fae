"""URLs of movements and update files."""

from django.urls import path

from sib.views.calendar import Calendar
from sib.views.movements import (
    ComposeSbxFile,
    DecideMovement,
    DraftingProgress,
    DraftMovements,
    MovementDetail,
    MovementList,
)
from sib.views.update_files import (
    ApproveSbxFile,
    DiscardSbxFile,
    DownloadSbxFile,
    MarkSbxFileSent,
    SbxFileDetail,
    SbxFileList,
)

urlpatterns = [
    path("movimentacoes/", MovementList.as_view(), name="movements"),
    path("movimentacoes/levantar/", DraftMovements.as_view(), name="movements_draft"),
    path("movimentacoes/levantar/andamento/", DraftingProgress.as_view(), name="movements_drafting"),
    path("movimentacoes/compor/", ComposeSbxFile.as_view(), name="sbx_file_compose"),
    path("movimentacoes/<int:pk>/", MovementDetail.as_view(), name="movement"),
    path("movimentacoes/<int:pk>/decidir/", DecideMovement.as_view(), name="movement_decide"),
    path("calendario/", Calendar.as_view(), name="calendar"),
    path("sbx/", SbxFileList.as_view(), name="sbx_files"),
    path("sbx/<int:pk>/", SbxFileDetail.as_view(), name="sbx_file"),
    path("sbx/<int:pk>/aprovar/", ApproveSbxFile.as_view(), name="sbx_file_approve"),
    path("sbx/<int:pk>/baixar/", DownloadSbxFile.as_view(), name="sbx_file_download"),
    path("sbx/<int:pk>/enviado/", MarkSbxFileSent.as_view(), name="sbx_file_mark_sent"),
    path("sbx/<int:pk>/descartar/", DiscardSbxFile.as_view(), name="sbx_file_discard"),
]
