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
from vfkit.serving import Service, ServiceSettings, respond


class OpenposeSettings(ServiceSettings):
    """What an operator sets by environment."""

    openpose_model: Literal["full", "heavy"] = Field(default="full", description="BlazePose's landmark network")
    openpose_renderer: Renderer = Field(default=Renderer.CUDA, description="OpenPose build that pose.png is drawn like")


def open_engine(settings: OpenposeSettings) -> Engine[PoseRequest, PoseAnswer]:
    """BlazePose as BODY_25."""
    from vf_openpose.open_engine import OpenEngine  # noqa: PLC0415  the reference engine needs none of it

    return OpenEngine(settings.weights, settings.openpose_model, settings.threads, settings.openpose_renderer)


def create_app(settings: OpenposeSettings | None = None) -> FastAPI:
    """The application."""
    service = Service(Stage.OPENPOSE, engines={"open": open_engine}, settings=settings or OpenposeSettings())

    @service.app.post("/v1/pose", response_class=Response)
    async def pose(
        image: Annotated[UploadFile, File(description="photo of the person")],
        accept: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Find the people: a ZIP of pose.json and pose.png, or the one of them that ``Accept`` names."""
        answer: PoseAnswer = await service.predict(PoseRequest(read_picture(await image.read())))
        artifacts = {Artifact.POSE_JSON: encode_pose(answer.document), Artifact.POSE: encode_png(answer.picture)}
        return respond(artifacts, accept=accept, warnings=answer.warnings)

    return service.app
