"""Synthesis service: the garment on the person.

``garment``
    What a garment picture shows: landmarks and parts.
``fitting``
    The open engine's work: geometric warp and composition.
``reference``
    HR-VITON's networks.
``types``
    What both engines take and give.
``open_engine``, ``reference_engine``
    The two engines.
``app``
    POST /v1/try-on.
"""
