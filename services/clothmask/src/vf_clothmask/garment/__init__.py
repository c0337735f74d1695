"""What a photo of a garment shows, and how it becomes cloth.png; both engines share it.

``geometry``
    Points, affine maps and boxes.
``network``
    The garment reader's network.
``reading``
    Looks at a photo twice: as it is, then closer and upright.
``frame``
    Which part of a normalised picture is the photo.
``refusal``
    Photos that cannot be fitted, each with its sentence.
``straightening``
    Where the garment goes in cloth.png.
``cloth``
    cloth.png, cloth_mask.png and garment_parts.png.
``document``
    garment.json.
``listing``
    All of it, around an engine's mask.
"""
