"""Addresses of what is told to ANS."""

from django.urls import path

from sib.views.calendar import Calendar
from sib.views.movements import Compose, Decide, Draft, MovementPage, Movements
from sib.views.update_files import Approve, Discard, Download, MarkSent, Sbx, SbxFiles

urlpatterns = [
    path("movimentacoes/", Movements.as_view(), name="movements"),
    path("movimentacoes/levantar/", Draft.as_view(), name="movements_draft"),
    path("movimentacoes/compor/", Compose.as_view(), name="sbx_file_compose"),
    path("movimentacoes/<int:pk>/", MovementPage.as_view(), name="movement"),
    path("movimentacoes/<int:pk>/decidir/", Decide.as_view(), name="movement_decide"),
    path("calendario/", Calendar.as_view(), name="calendar"),
    path("sbx/", SbxFiles.as_view(), name="sbx_files"),
    path("sbx/<int:pk>/", Sbx.as_view(), name="sbx_file"),
    path("sbx/<int:pk>/aprovar/", Approve.as_view(), name="sbx_file_approve"),
    path("sbx/<int:pk>/baixar/", Download.as_view(), name="sbx_file_download"),
    path("sbx/<int:pk>/enviado/", MarkSent.as_view(), name="sbx_file_mark_sent"),
    path("sbx/<int:pk>/descartar/", Discard.as_view(), name="sbx_file_discard"),
]
