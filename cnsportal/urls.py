"""The URLs of the portal. Everything of an operator lies below its registration number."""

from django.urls import include, path

from cnsportal.web import views

OPERATOR = "o/<str:registration>/"

urlpatterns = [
    path("", include("operators.urls")),
    path("health", views.health, name="health"),
    path("tema/", views.theme, name="theme"),
    path("v/", include("cards.public.verification")),
    path("c/", include("cards.public.theme_assets")),
    path("c/", include("cards.public.digital_card")),
    path("entrar/", include("cnsportal.web.account_urls")),
    path(OPERATOR, include("beneficiaries.urls")),
    path(OPERATOR, include("sib.urls")),
    path(OPERATOR, include("cadsus.urls")),
    path(OPERATOR, include("cards.urls")),
]
handler500 = views.server_error
