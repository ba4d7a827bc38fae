"""Parsers of API request bodies."""

from typing import Any, ClassVar

from rest_framework.exceptions import ParseError
from rest_framework.parsers import FileUploadParser, JSONParser

from cnsportal.formats.text import is_storable

NOT_TEXT = "O corpo traz um texto com um caractere que não é de texto (U+0000 ou metade de um par). Retire-o."


class TextJSONParser(JSONParser):
    """JSON whose texts can be kept."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        found = super().parse(stream, media_type, parser_context)
        if not is_storable(found):
            raise ParseError(NOT_TEXT)
        return found


class RawFileParser(FileUploadParser):
    """The body is the file, under the name that the address gives it (``?nome=``)."""

    default_name: ClassVar[str]

    def get_filename(self, _stream: Any, _media_type: str | None, context: Any) -> str:
        name: str = context["request"].query_params.get("nome", "")
        return name or self.default_name
