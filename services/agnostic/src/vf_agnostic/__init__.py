"""Agnostic service: the person with the worn garment removed from the parse and painted over in the photo.

``drawing``
    HR-VITON's two drawings, exact to the pixel.
``engine``
    The drawings behind the engine interface; there is no model, so ``open`` and ``reference`` are the same.
``app``
    POST /v1/agnostic.
"""
