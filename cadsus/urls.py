from django.urls import path

from cadsus.views import Ask, Lookups

app_name = "cadsus"
urlpatterns = [
    path("consultas/", Lookups.as_view(), name="lookups"),
    path("consultas/pedir/<int:pk>/", Ask.as_view(), name="ask"),
]
