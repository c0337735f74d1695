"""The service behind ``POST /v1/cloth-mask``: one garment photo in, cloth_mask.png out."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import FastAPI, File, Response, UploadFile
from pydantic import Field

from vf_clothmask.types import MaskAnswer, MaskRequest
from vfkit.contracts import Artifact, Stage
from vfkit.engines import Engine
from vfkit.pictures import encode_png, read_cutout
from vfkit.serving import Service, ServiceSettings, respond


class ClothmaskSettings(ServiceSettings):
    """What an operator sets by environment; all but the threads is for the reference engine."""

    clothmask_network: Literal["tracer_b7", "u2net"] = Field(
        default="tracer_b7", description="network that finds the garment"
    )
    clothmask_matting: Literal["fba", "none"] = Field(
        default="fba", description="FBA matting along the edge, or the network's own mask (much faster)"
    )
    device: Literal["cpu", "cuda"] = Field(default="cpu", description="where the networks run")


def open_engine(settings: ClothmaskSettings) -> Engine[MaskRequest, MaskAnswer]:
    """Backdrop colour and U-2-Net."""
    from vf_clothmask.open.engine import OpenEngine  # noqa: PLC0415  only the chosen engine's libraries are imported

    return OpenEngine(settings.weights, settings.threads)


def reference_engine(settings: ClothmaskSettings) -> Engine[MaskRequest, MaskAnswer]:
    """CarveKit."""
    from vf_clothmask.reference.engine import ReferenceEngine  # noqa: PLC0415  imports torch

    return ReferenceEngine(
        settings.weights,
        network=settings.clothmask_network,
        matting=settings.clothmask_matting,
        device=settings.device,
        threads=settings.threads,
    )


def create_app(settings: ClothmaskSettings | None = None) -> FastAPI:
    """The application, its settings from the environment unless given."""
    service = Service(
        Stage.CLOTHMASK,
        engines={"open": open_engine, "reference": reference_engine},
        settings=settings or ClothmaskSettings(),
    )

    @service.app.post(
        "/v1/cloth-mask",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}, "description": "cloth_mask.png: 255 on the garment, else 0"}},
    )
    async def cloth_mask(image: Annotated[UploadFile, File(description="photo of one garment")]) -> Response:
        """The garment's mask, at the photo's size; of a garment that was cut out, what is not transparent."""
        picture = await service.decode(read_cutout, image)
        answer = await service.predict(MaskRequest.of(picture))
        mask = await service.aside(encode_png, answer.mask)
        return respond({Artifact.CLOTH_MASK: mask}, warnings=answer.warnings)

    return service.app
