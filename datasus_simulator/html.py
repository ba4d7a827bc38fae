"""HTML of the parts of the control page, with the classes of the portal's style sheets. All input is escaped here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape


class Html(str):
    """Text that is markup already; every other text is escaped."""

    __slots__ = ()


def markup(content: str | int) -> str:
    return content if isinstance(content, Html) else escape(str(content))


@dataclass(frozen=True, slots=True)
class Form:
    """One form of the page: what it does, what was typed into it, and what was wrong with that."""

    action: str
    typed: Mapping[str, str] = field(default_factory=dict)
    wrong_field: str = ""
    sentence: str = ""

    def of(self, controls: Iterable[Html], submit: str, style: str = "form") -> Html:
        complaint = _complaint(f"{self.action}-action", self.sentence) if self.wrong_field == "action" else ""
        return Html(
            f'<form class="{style}" method="post" action="/__control/page">'
            f'<input type="hidden" name="action" value="{escape(self.action)}">{"".join(controls)}'
            f'{complaint}<div class="actions"><button class="button">{escape(submit)}</button></div></form>'
        )

    def text(self, name: str, label: str, value: str | int = "", **attributes: str) -> Html:
        """A field for text; ``type``, ``hint`` and others may be given as attributes."""
        typed = escape(self.typed.get(name, str(value)))
        hint = attributes.pop("hint", "")
        more = "".join(f' {key}="{escape(text)}"' for key, text in attributes.items())
        control = (
            f'<input id="{self._id(name)}" name="{name}" value="{typed}" autocomplete="off"{more}{self._state(name)}>'
        )
        return self._field(name, label, hint, control)

    def select(self, name: str, label: str, groups: Mapping[str, Mapping[str, str]]) -> Html:
        """A choice; a group without a name stands by itself."""
        chosen = self.typed.get(name, "")
        options = "".join(_group(title, choices, chosen) for title, choices in groups.items())
        return self._field(
            name, label, "", f'<select id="{self._id(name)}" name="{name}"{self._state(name)}>{options}</select>'
        )

    def check(self, name: str, label: str, *, is_on: bool = False) -> Html:
        on = " checked" if (name in self.typed if self.typed else is_on) else ""
        box = f'<input type="checkbox" id="{self._id(name)}" name="{name}"{on}{self._state(name)}>'
        label_of_box = f'<label class="field__label" for="{self._id(name)}">{escape(label)}</label>'
        return Html(f'<div class="field field--check">{box}{label_of_box}{self._error(name)}</div>')

    def _field(self, name: str, label: str, hint: str, control: str) -> Html:
        said = f'<span class="field__hint" id="{self._id(name)}-hint">{escape(hint)}</span>' if hint else ""
        head = f'<label class="field__label" for="{self._id(name)}">{escape(label)}</label>'
        return Html(f'<div class="field">{head}{said}{control}{self._error(name)}</div>')

    def _state(self, name: str) -> str:
        wrong = name == self.wrong_field
        return f' aria-invalid="true" aria-describedby="{self._id(name)}-error" autofocus' if wrong else ""

    def _error(self, name: str) -> str:
        return _complaint(self._id(name), self.sentence) if name == self.wrong_field else ""

    def _id(self, name: str) -> str:
        return f"{self.action}-{name}"


def _complaint(identity: str, sentence: str) -> str:
    return f'<span class="field__error" id="{identity}-error">{escape(sentence)}</span>'


def _group(title: str, choices: Mapping[str, str], chosen: str) -> str:
    options = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>{escape(label)}</option>'
        for value, label in choices.items()
    )
    return f'<optgroup label="{escape(title)}">{options}</optgroup>' if title else options


def button(label: str, name: str, **fields: str) -> Html:
    """A form of one button; ``name`` is read out in place of the short label."""
    hidden = "".join(f'<input type="hidden" name="{key}" value="{escape(value)}">' for key, value in fields.items())
    return Html(
        f'<form class="inline" method="post" action="/__control/page">{hidden}'
        f'<button class="button" aria-label="{escape(name)}">{escape(label)}</button></form>'
    )


def panel(title: str, *parts: str, aside: str = "") -> Html:
    head = f'<div class="panel__head"><h2>{escape(title)}</h2>{markup(aside) if aside else ""}</div>'
    return Html(f'<section class="panel">{head}<div class="panel__body">{"".join(map(markup, parts))}</div></section>')


def table(heads: Sequence[str], rows: Iterable[Sequence[str | int]], *, nothing: str, caption: str = "") -> Html:
    body = "".join(f"<tr>{''.join(f'<td>{markup(cell)}</td>' for cell in row)}</tr>" for row in rows)
    if not body:
        return Html(f'<p class="muted">{escape(nothing)}</p>')
    columns = "".join(f'<th scope="col">{escape(head)}</th>' for head in heads)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return Html(
        f'<div class="table-scroll" tabindex="0"><table class="table">{title}<thead><tr>{columns}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def chip(tone: str, text: str) -> Html:
    return Html(f'<span class="chip tone-{tone}">{escape(text)}</span>')


def document(title: str, content: str) -> str:
    return (
        '<!DOCTYPE html><html lang="pt-BR"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · Simulador</title>"
        '<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/__control/page.css"></head>'
        '<body><aside class="environment-badge tone-warn" aria-label="Ambiente">'
        "<p><strong>Simulador do DATASUS:</strong> só para treinar e testar; nada aqui é real.</p></aside>"
        f'<main class="control" id="conteudo">{content}</main></body></html>'
    )
