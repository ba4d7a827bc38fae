"""Onboarding checklist: what a new operator still has to do, each app its part; gone once everything is done."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from operators.middleware import PortalRequest
from operators.permissions import Permission, who_may
from operators.registry import FIRST_STEPS, FirstStep, Panel


@dataclass(frozen=True, slots=True)
class ShownStep:
    step: FirstStep
    is_done: bool
    href: str  # blank for a reader who may not, and for what is done
    who: str


def _first_steps(request: PortalRequest) -> dict[str, Any]:
    steps = [_shown(request, step, is_done=step.is_done()) for step in FIRST_STEPS]
    done = sum(shown.is_done for shown in steps)
    return {} if done == len(steps) else {"steps": steps, "done": done}


def _shown(request: PortalRequest, step: FirstStep, *, is_done: bool) -> ShownStep:
    if is_done:
        return ShownStep(step, is_done, "", "")
    if step.permission not in request.permissions:
        return ShownStep(step, is_done, "", who_may(step.permission))
    return ShownStep(step, is_done, reverse(step.page, args=[request.operator.registration]), "")


first_steps_panel = Panel(Permission.VIEW_PEOPLE, "operators/_first_steps.html", _first_steps)
