"""Untrusted pictures are decoded in disposable processes that may do nothing but compute.

    decoders = Decoders(DecodingSettings())
    picture = await decoders.run(read_picture, data)

``pool``
    `Decoders`, what the gateway and the services hold: hands a file to a worker, and brings back what it made of it.
``budget``
    Memory that all pictures in flight may take together.
``nursery``
    The process that forks workers; it never touches a picture itself.
``worker``
    The process that decodes: told what to do, it answers with pixels.
``confinement``
    What a worker gives up before it sees a stranger's byte.
``settings``
    What an operator sets by environment.
"""

from vfkit.pictures.decoding.pool import Decoders, MadeT
from vfkit.pictures.decoding.settings import DecodingSettings

__all__ = ["Decoders", "DecodingSettings", "MadeT"]
