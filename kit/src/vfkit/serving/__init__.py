"""The scaffold of a model service: everything around an engine that has nothing to do with its model.

    def create_app() -> FastAPI:
        service = Service(Stage.PARSE, engines={"open": open_engine, "reference": reference_engine})

        @service.route()
        async def parse(image: PictureFile) -> Response:
            picture = await service.decode(read_picture, image)
            answer = await service.predict(ParseRequest(picture))
            labels = await service.aside(encode_labels, answer.labels)
            return service.respond({Artifact.PARSE: labels}, warnings=answer.warnings)

        return service.app

``settings``
    What an operator sets by environment.
``batching``
    The bounded queue in front of the engine, and its batches.
``service``
    The application: loading, health, readiness, metrics, info.
``answers``
    Artifacts to a response and back.
``tracking``
    Requests that are being answered; metrics of every answer; refusals while stopping.
``server``
    Running until SIGTERM, finishing what is held.
``requests``
    Limits on what comes in: size, time, callers who hang up.
``errors``
    Everything that goes wrong as problem+json.
``logs``
    One JSON line per request.
"""

from vfkit.serving.answers import media_type_of, unpack
from vfkit.serving.server import run, serve
from vfkit.serving.service import EngineFactory, Service
from vfkit.serving.settings import NetworkSettings, ServiceSettings

__all__ = [
    "EngineFactory",
    "NetworkSettings",
    "Service",
    "ServiceSettings",
    "media_type_of",
    "run",
    "serve",
    "unpack",
]
