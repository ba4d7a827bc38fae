from django.urls import path

from sib.views.applying import Apply, Close, ConfirmApply, ConfirmClose
from sib.views.conferences import Conference, Conferences, Progress, SearchDifferences
from sib.views.receipts import Receipt
from sib.views.reverting import ConfirmRevert, Revert

app_name = "sib"
urlpatterns = [
    path("conferencias/", Conferences.as_view(), name="conferences"),
    path("conferencias/<int:pk>/", Conference.as_view(), name="conference"),
    path("conferencias/<int:pk>/andamento/", Progress.as_view(), name="progress"),
    path("conferencias/<int:pk>/buscar/", SearchDifferences.as_view(), name="search"),
    path("conferencias/<int:pk>/recibo/", Receipt.as_view(), name="receipt"),
    path("conferencias/<int:pk>/aplicar/", Apply.as_view(), name="apply"),
    path("conferencias/<int:pk>/aplicar/confirmar/", ConfirmApply.as_view(), name="confirm_apply"),
    path("conferencias/<int:pk>/encerrar/", Close.as_view(), name="close"),
    path("conferencias/<int:pk>/encerrar/confirmar/", ConfirmClose.as_view(), name="confirm_close"),
    path("conferencias/<int:pk>/desfazer/", Revert.as_view(), name="revert"),
    path("conferencias/<int:pk>/desfazer/confirmar/", ConfirmRevert.as_view(), name="confirm_revert"),
]
