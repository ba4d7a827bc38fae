from django.urls import path

from sib.views import Apply, Conference, Conferences, Progress

app_name = "sib"
urlpatterns = [
    path("conferencias/", Conferences.as_view(), name="conferences"),
    path("conferencias/<int:pk>/", Conference.as_view(), name="conference"),
    path("conferencias/<int:pk>/andamento/", Progress.as_view(), name="progress"),
    path("conferencias/<int:pk>/aplicar/", Apply.as_view(), name="apply"),
]
