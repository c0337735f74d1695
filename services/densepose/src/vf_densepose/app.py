"""The service behind ``POST /v1/densepose``: one photo in, densepose.png out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, File, Header, Response, UploadFile
from pydantic import Field

from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vfkit.contracts import Artifact, Stage
from vfkit.engines import Engine
from vfkit.pictures import encode_png, read_picture
from vfkit.serving import Service, ServiceSettings, respond


class DensePoseSettings(ServiceSettings):
    """What an operator sets by environment."""

    densepose_model: Literal["full", "heavy"] = Field(default="full", description="BlazePose's landmark network")


def open_engine(settings: DensePoseSettings) -> Engine[DensePoseRequest, DensePoseAnswer]:
    """A body drawn around BlazePose's landmarks."""
    from vf_densepose.open_engine import OpenEngine  # noqa: PLC0415  the reference engine needs none of it

    return OpenEngine(settings.weights, settings.densepose_model, settings.threads)


def create_app(settings: DensePoseSettings | None = None) -> FastAPI:
    """The application."""
    service = Service(Stage.DENSEPOSE, engines={"open": open_engine}, settings=settings or DensePoseSettings())

    @service.app.post("/v1/densepose", response_class=Response)
    async def densepose(
        image: Annotated[UploadFile, File(description="photo of the person")],
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Paint the body's parts: densepose.png."""
        answer: DensePoseAnswer = await service.predict(DensePoseRequest(read_picture(await image.read())))
        return respond({Artifact.DENSEPOSE: encode_png(answer.picture)}, accept=accept, warnings=answer.warnings)

    return service.app
