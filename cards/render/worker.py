"""The process pool of render workers, which draw cards beside the process that asks for them. Pure.

Each knows faces and Typst and nothing of the portal. It reads requests from its standard input and ends with it, so
that no press outlives the worker that started it, however that one ended. ``python -m cards.render.worker`` is one.
"""

import json
import os
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO

from cards.domain.face import CardFace
from cards.render.documents import NO_LOGOS, Logos, render_job

ROOT = Path(__file__).resolve().parents[2]
LENGTH_BYTES = 4  # bytes that tell how long a message is

Job = Mapping[str, Any]
Group = list[str]
"""Faces as they are kept: CardFace.as_json as a JSON document, which only the render worker parses."""


class RenderWorkerFailed(RuntimeError):
    """A press ended instead of answering; what it said is in the worker's log."""


class RenderWorker:
    """One process, started with its first request."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def render(self, job: Job, faces: Group, logos: Logos = NO_LOGOS) -> list[bytes]:
        """The job's outputs for these faces (cards.render.documents.render_job)."""
        self._process = self._process or subprocess.Popen(
            [sys.executable, "-m", "cards.render.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=_alone(),
        )
        try:
            request = json.dumps({"job": job, "logos": list(logos)})
            _send(self._process.stdin, [request.encode(), f"[{','.join(faces)}]".encode(), *logos.values()])  # type: ignore[arg-type]
            return _receive(self._process.stdout)  # type: ignore[arg-type]
        except (BrokenPipeError, EOFError) as error:
            raise RenderWorkerFailed(f"the press ended with {self._process.wait()}") from error

    def close(self) -> None:
        if self._process:
            self._process.communicate()


def _alone() -> dict[str, str]:
    """A press is there for each core: threads of its own would only get into the way of the others."""
    return {**os.environ, "RAYON_NUM_THREADS": "1"}


def no_logos(_group: Group) -> Logos:
    return NO_LOGOS


def rendered(
    job: Job, groups: Iterable[Group], *, logos_of: Callable[[Group], Logos] = no_logos, presses: int = 0
) -> Iterator[tuple[Group, list[bytes]]]:
    """Each group with its outputs, in order; no more groups are taken ahead than keep the presses busy.

    ``logos_of`` is asked here, by the caller's thread alone.
    """
    count = presses or len(os.sched_getaffinity(0))
    with ExitStack() as stack:
        free: SimpleQueue[RenderWorker] = SimpleQueue()
        for _ in range(count):
            press = RenderWorker()
            stack.callback(press.close)
            free.put(press)
        threads = stack.enter_context(ThreadPoolExecutor(count))
        waiting: deque[tuple[Group, Future[list[bytes]]]] = deque()
        for group in groups:
            waiting.append((group, threads.submit(_on_a_free_one, free, job, group, logos_of(group))))
            if len(waiting) > 2 * count:
                first, future = waiting.popleft()
                yield first, future.result()
        for first, future in waiting:
            yield first, future.result()


def _on_a_free_one(free: "SimpleQueue[RenderWorker]", job: Job, group: Group, logos: Logos) -> list[bytes]:
    press = free.get()
    try:
        return press.render(job, group, logos)
    finally:
        free.put(press)


def _send(pipe: BinaryIO, messages: Sequence[bytes]) -> None:
    pipe.write(len(messages).to_bytes(LENGTH_BYTES, "big"))
    pipe.writelines(len(message).to_bytes(LENGTH_BYTES, "big") + message for message in messages)
    pipe.flush()


def _receive(pipe: BinaryIO) -> list[bytes]:
    return [_read(pipe, _number(pipe)) for _ in range(_number(pipe))]


def _number(pipe: BinaryIO) -> int:
    return int.from_bytes(_read(pipe, LENGTH_BYTES), "big")


def _read(pipe: BinaryIO, size: int) -> bytes:
    data = pipe.read(size)
    if len(data) < size:
        raise EOFError
    return data


def main() -> None:
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while True:
        try:
            request, documents, *logos = _receive(requests)
        except EOFError:
            return
        wanted = json.loads(request)
        faces = [CardFace.from_json(face) for face in json.loads(documents)]
        _send(answers, render_job(wanted["job"], faces, dict(zip(wanted["logos"], logos, strict=True))))


if __name__ == "__main__":
    main()
