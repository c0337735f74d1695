"""A service whose engine does what its request says; run as a program, it serves on the port given."""

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import FastAPI, Form, Request, Response

from vfkit.contracts import Artifact, Stage
from vfkit.engines import AnswerWarning, EngineInfo, WeightsInfo
from vfkit.problems import Code, Problem
from vfkit.serving import Service, ServiceSettings, serve
from vfkit.serving.answers import respond


@dataclass
class EchoEngine:
    """Answers words in upper case; some words are orders. Remembers its batches."""

    load_error: Exception | None = None
    loading: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)
    batches: list[list[str]] = field(default_factory=list)
    weights: list[WeightsInfo] = field(default_factory=list)

    def load(self) -> None:
        self.loading.wait()
        if self.load_error:
            raise self.load_error

    @property
    def info(self) -> EngineInfo:
        return EngineInfo(name="open", description="Echoes.", version="1", licence="Apache-2.0", weights=self.weights)

    def predict(self, batch: Sequence[str]) -> list[str | Problem]:
        self.batches.append(list(batch))
        for word in batch:
            if word == "hold":
                self.go.wait(10)
            elif word.startswith("sleep"):
                time.sleep(float(word[5:]))
            elif word.startswith("crash"):
                raise RuntimeError(f"secret of the engine: {word}")
            elif word == "lose":
                return []
        refusal = Problem(Code.NO_PERSON_FOUND, "Nobody is there.")
        return [refusal if word == "nobody" else word.upper() for word in batch]


def create(echo_engine: EchoEngine, /, **settings: object) -> FastAPI:
    service = Service(Stage.PARSE, engines={"open": lambda _: echo_engine}, settings=ServiceSettings(**settings))

    @service.app.post("/v1/echo", response_class=Response)
    async def echo(word: Annotated[str, Form()]) -> Response:
        answer = await service.predict(word)
        warnings = [AnswerWarning(code="short", detail="Ein kurzes Wort: ✓")] if len(answer) < 3 else []
        return respond({Artifact.POSE_JSON: answer.encode()}, warnings=warnings)

    @service.app.post("/v1/unpack")
    async def unpack(seconds: Annotated[float, Form()]) -> Response:
        await service.aside(time.sleep, seconds)
        return Response(status_code=204)

    @service.app.post("/v1/broken")
    async def broken(request: Request) -> Response:
        raise RuntimeError(f"secret of the handler, called by {dict(request.headers)}")

    return service.app


def main() -> None:
    engine = EchoEngine()
    engine.loading.set()
    serve(create(engine), "127.0.0.1", int(sys.argv[1]))


if __name__ == "__main__":
    main()
