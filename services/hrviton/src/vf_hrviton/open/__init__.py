"""A garment picture onto a photo, by geometry.

``garment``
    What the garment picture shows: kind, landmarks, parts.
``body``
    The person: axes and units, arms, silhouette, waist, and which pixels are the old garment.
``warp``
    Where each landmark goes on the body, and the cloth bent to it.
``paint``
    What the old garment hid, light and folds, and all layers composed.
``engine``
    The four in turn.
"""
