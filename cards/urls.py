from django.urls import path, register_converter

from cards.views.cards import CardPage, Cards, Picture
from cards.views.links import Links, Revoke
from cards.views.lives import Download, Issue, Void


class SideConverter:
    regex = "frente|verso"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(SideConverter, "side")

app_name = "cards"
urlpatterns = [
    path("cartoes/", Cards.as_view(), name="cards"),
    path("cartoes/<int:pk>/", CardPage.as_view(), name="card"),
    path("cartoes/<int:pk>/<side:side>.svg", Picture.as_view(), name="picture"),
    path("cartoes/<int:pk>/emitir/", Issue.as_view(), name="issue"),
    path("cartoes/<int:pk>/links/", Links.as_view(), name="links"),
    path("cartoes/links/<int:pk>/revogar/", Revoke.as_view(), name="revoke_link"),
    path("cartoes/vias/<int:pk>/pdf/", Download.as_view(), name="download"),
    path("cartoes/vias/<int:pk>/anular/", Void.as_view(), name="void"),
]
