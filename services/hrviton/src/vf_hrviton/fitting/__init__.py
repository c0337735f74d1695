"""A garment picture onto a photo, by geometry.

``body``
    The person: axes and units, arms, soft silhouette, torso profile, shoulder line.
``wall``
    Wall that the parse calls garment.
``targets``
    Where each landmark of a garment goes on a body.
``thin_plate``
    Inverse thin-plate spline: the torso's warp.
``strips``
    Piecewise affine strips: a sleeve's warp.
``dress``
    Garment and body to warped layers.
``worn``
    Which pixels are the old garment.
``limbs``, ``skin``, ``relief``, ``waist``
    What it hid: bare arms, the person's skin and the light on it, the lower garment drawn up.
``fills``
    What was under the old garment: background, lower garment, skin.
``shading``
    Folds and light of the old garment for the new one; edges and shadows.
``compose``
    All layers, bottom to top.
"""
