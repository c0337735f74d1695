"""The service behind ``POST /v1/cloth-mask``: one garment photo in, cloth_mask.png out."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, File, Response, UploadFile

from vf_clothmask.types import MaskAnswer, MaskRequest
from vfkit.contracts import Artifact, Stage
from vfkit.engines import Engine
from vfkit.pictures import encode_png, read_picture
from vfkit.serving import Service, ServiceSettings, respond


def open_engine(settings: ServiceSettings) -> Engine[MaskRequest, MaskAnswer]:
    """Backdrop colour and U-2-Net."""
    from vf_clothmask.open_engine import OpenEngine  # noqa: PLC0415  only the chosen engine's libraries are imported

    return OpenEngine(settings.weights, settings.threads)


def create_app(settings: ServiceSettings | None = None) -> FastAPI:
    """The application, its settings from the environment unless given."""
    service = Service(Stage.CLOTHMASK, engines={"open": open_engine}, settings=settings or ServiceSettings())

    @service.app.post(
        "/v1/cloth-mask",
        response_class=Response,
        responses={200: {"content": {"image/png": {}}, "description": "cloth_mask.png: 255 on the garment, else 0"}},
    )
    async def cloth_mask(image: Annotated[UploadFile, File(description="photo of one garment")]) -> Response:
        """The garment's mask, at the photo's size."""
        answer = await service.predict(MaskRequest(read_picture(await image.read())))
        return respond({Artifact.CLOTH_MASK: encode_png(answer.mask)}, warnings=answer.warnings)

    return service.app
