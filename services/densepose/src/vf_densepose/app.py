"""The service behind ``POST /v1/densepose``: one photo in, densepose.png out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import FastAPI, File, Header, Query, Response, UploadFile
from pydantic import Field

from vf_densepose.types import DensePoseAnswer, DensePoseRequest
from vfkit.contracts import Artifact, Stage
from vfkit.engines import Engine
from vfkit.pictures import encode_png, read_picture
from vfkit.serving import NetworkSettings, Service

if TYPE_CHECKING:  # PyTorch is not there where the open engine runs
    from vf_densepose.reference.engine import Options


class DensePoseSettings(NetworkSettings):
    """What an operator sets by environment."""

    densepose_model: Literal["full", "heavy"] = Field(default="full", description="open: BlazePose's landmark network")
    densepose_max_detections: int = Field(
        default=20, ge=1, le=100, description="reference: people at most; the head takes about 30 GFLOP for each"
    )
    densepose_min_score: float = Field(default=0.8, ge=0, le=1, description="reference: detections above it count")
    densepose_min_size: int = Field(
        default=800, ge=32, le=4096, description="reference: the shorter side of the network's input, in pixels"
    )
    densepose_max_size: int = Field(
        default=1333, ge=32, le=8192, description="reference: what the longer side may be, in pixels"
    )


def open_engine(settings: DensePoseSettings) -> Engine[DensePoseRequest, DensePoseAnswer]:
    """A body drawn around BlazePose's landmarks."""
    from vf_densepose.open.engine import OpenEngine  # noqa: PLC0415  the reference engine needs none of it

    return OpenEngine(settings.weights, settings.densepose_model, settings.threads)


def reference_engine(settings: DensePoseSettings) -> Engine[DensePoseRequest, DensePoseAnswer]:
    """DensePose R-CNN in plain PyTorch."""
    from vf_densepose.reference.engine import ReferenceEngine  # noqa: PLC0415  the open engine never imports torch

    return ReferenceEngine(
        settings.weights, _options(settings), settings.threads, settings.device, allow_tf32=settings.allow_tf32
    )


def detectron2_engine(settings: DensePoseSettings) -> Engine[DensePoseRequest, DensePoseAnswer]:
    """DensePose R-CNN by the library it was published with."""
    from vf_densepose.detectron2.engine import Detectron2Engine  # noqa: PLC0415  as above

    return Detectron2Engine(
        settings.weights, _options(settings), settings.threads, settings.device, allow_tf32=settings.allow_tf32
    )


ENGINES = {"open": open_engine, "reference": reference_engine, "detectron2": detectron2_engine}


def create_app(settings: DensePoseSettings | None = None) -> FastAPI:
    """The application."""
    service = Service(Stage.DENSEPOSE, engines=ENGINES, settings=settings or DensePoseSettings())

    @service.route()
    async def densepose(
        image: Annotated[UploadFile, File(description="photo of the person")],
        include: Annotated[
            list[Literal["iuv"]], Query(description="iuv: also part, U and V of each pixel, as the channels of a PNG")
        ] = [],  # noqa: B006  FastAPI copies it
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Paint the body's parts: densepose.png, or a ZIP of it and iuv.png."""
        picture = await service.decode(read_picture, image)
        answer: DensePoseAnswer = await service.predict(DensePoseRequest(picture, iuv="iuv" in include))
        artifacts = {Artifact.DENSEPOSE: await service.aside(encode_png, answer.picture)}
        if answer.iuv is not None:
            artifacts[Artifact.IUV] = await service.aside(encode_png, answer.iuv)
        return service.respond(artifacts, accept=accept, warnings=answer.warnings)

    return service.app


def _options(settings: DensePoseSettings) -> Options:
    from vf_densepose.reference.engine import Options  # noqa: PLC0415
    from vf_densepose.reference.network import Limits  # noqa: PLC0415  as above

    limits = Limits(score=settings.densepose_min_score, people=settings.densepose_max_detections)
    return Options(limits, settings.densepose_min_size, settings.densepose_max_size)
