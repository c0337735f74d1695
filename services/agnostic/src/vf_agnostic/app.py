"""The agnostic service: POST /v1/agnostic."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import FastAPI, File, Header, Response, UploadFile

from vf_agnostic.engine import AgnosticEngine
from vf_agnostic.types import AgnosticRequest
from vfkit.contracts import Artifact, Stage
from vfkit.pictures import decode_labels, encode_labels, encode_png, read_picture
from vfkit.poses import decode_person
from vfkit.serving import Service, ServiceSettings


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The application."""
    service = Service(
        Stage.AGNOSTIC,
        engines={name: partial(_engine, name) for name in ("open", "reference")},
        settings=settings or ServiceSettings(),
    )

    @service.route()
    async def agnostic(
        image: Annotated[UploadFile, File(description="photo of the person")],
        parse: Annotated[UploadFile, File(description="parse.png")],
        pose: Annotated[UploadFile, File(description="pose.json")],
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Hide the worn garment: a ZIP of parse_agnostic.png and agnostic.png."""
        request = AgnosticRequest(
            image=await service.decode(read_picture, image),
            parse=await service.decode(decode_labels, parse),
            joints=decode_person(await pose.read()).body()[:, :2],
        )
        answer = await service.predict(request)
        artifacts = {
            Artifact.PARSE_AGNOSTIC: await service.aside(encode_labels, answer.parse_agnostic),
            Artifact.AGNOSTIC: await service.aside(encode_png, answer.agnostic),
        }
        return service.respond(artifacts, accept=accept, warnings=answer.warnings)

    return service.app


def _engine(name: str, _: ServiceSettings) -> AgnosticEngine:
    return AgnosticEngine(name)
