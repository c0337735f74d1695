"""The service behind ``POST /v1/pose``: one photo in, pose.json and pose.png out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, File, Header, Response, UploadFile
from pydantic import Field

from vf_openpose.pose_json import encode_pose
from vf_openpose.render import Renderer
from vf_openpose.types import PoseAnswer, PoseRequest
from vfkit.contracts import Artifact, Stage
from vfkit.engines import Engine
from vfkit.pictures import encode_png, read_picture
from vfkit.serving import NetworkSettings, Service


class OpenposeSettings(NetworkSettings):
    """What an operator sets by environment."""

    openpose_model: Literal["full", "heavy"] = Field(default="full", description="open: BlazePose's landmark network")
    openpose_renderer: Renderer = Field(default=Renderer.CUDA, description="OpenPose build that pose.png is drawn like")
    openpose_variant: Literal["cuda", "cpu"] = Field(
        default="cuda", description="reference: OpenPose build whose decoding is reproduced"
    )
    openpose_net_resolution: str = Field(
        default="-1x368", description="reference: network input, multiples of 16; -1 follows the photo's aspect"
    )


def open_engine(settings: OpenposeSettings) -> Engine[PoseRequest, PoseAnswer]:
    """BlazePose as BODY_25."""
    from vf_openpose.open.engine import OpenEngine  # noqa: PLC0415  the reference engine needs none of it

    return OpenEngine(settings.weights, settings.openpose_model, settings.threads, settings.openpose_renderer)


def reference_engine(settings: OpenposeSettings) -> Engine[PoseRequest, PoseAnswer]:
    """OpenPose's own network."""
    from vf_openpose.reference.engine import ReferenceEngine  # noqa: PLC0415  the open engine never imports torch
    from vf_openpose.reference.variant import Variant  # noqa: PLC0415  as below

    return ReferenceEngine(
        settings.weights,
        variant=Variant(settings.openpose_variant),
        renderer=settings.openpose_renderer,
        net_resolution=settings.openpose_net_resolution,
        device=settings.device,
        threads=settings.threads,
        allow_tf32=settings.allow_tf32,
    )


def create_app(settings: OpenposeSettings | None = None) -> FastAPI:
    """The application."""
    engines = {"open": open_engine, "reference": reference_engine}
    service = Service(Stage.OPENPOSE, engines=engines, settings=settings or OpenposeSettings())

    @service.route()
    async def pose(
        image: Annotated[UploadFile, File(description="photo of the person")],
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Find the people: a ZIP of pose.json and pose.png, or the one of them that ``Accept`` names."""
        picture = await service.decode(read_picture, image)
        answer: PoseAnswer = await service.predict(PoseRequest(picture))
        drawn = await service.aside(encode_png, answer.picture)
        artifacts = {Artifact.POSE_JSON: encode_pose(answer.document), Artifact.POSE: drawn}
        return service.respond(artifacts, accept=accept, warnings=answer.warnings)

    return service.app
