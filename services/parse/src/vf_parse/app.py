"""The service behind ``POST /v1/parse``: one photo in, parse.png out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, File, Response, UploadFile
from pydantic import Field

from vf_parse.types import ParseAnswer, ParseRequest
from vfkit.contracts import Artifact, Stage
from vfkit.engines import Engine
from vfkit.pictures import encode_labels, read_picture
from vfkit.serving import Service, ServiceSettings, respond


class ParseSettings(ServiceSettings):
    """Settings of the parse service."""

    parse_model: Literal["full", "heavy"] = Field(
        default="full", description="BlazePose's landmark network (open engine)"
    )


def open_engine(settings: ParseSettings) -> Engine[ParseRequest, ParseAnswer]:
    """The pose-guided parser."""
    from vf_parse.open_engine import OpenEngine  # noqa: PLC0415  only the chosen engine's libraries are imported

    return OpenEngine(settings.weights, settings.parse_model, settings.threads)


def create_app(settings: ParseSettings | None = None) -> FastAPI:
    """The application; its settings come from the environment unless they are given."""
    service = Service(Stage.PARSE, engines={"open": open_engine}, settings=settings or ParseSettings())

    @service.app.post(
        "/v1/parse",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}, "description": "parse.png: the index is the CIHP label"}},
    )
    async def parse(image: Annotated[UploadFile, File(description="photo of one person")]) -> Response:
        """The 20 CIHP labels of a photo, at its size."""
        answer = await service.predict(ParseRequest(read_picture(await image.read())))
        return respond({Artifact.PARSE: encode_labels(answer.labels)}, warnings=answer.warnings)

    return service.app
