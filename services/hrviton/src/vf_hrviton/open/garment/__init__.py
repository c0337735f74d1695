"""What the picture of a top shows: landmarks and parts.

    garment = understand(cloth, mask)
    picture = draw(cloth, garment)

`types` says what is known; `contour` reads the silhouette, `torso`, `neckline` and `sleeves` find the parts,
`landmarks` corrects them by what the garment reader saw, `paths` is the dynamic programme that follows seams, `drawing`
shows it all.
"""

from vf_hrviton.open.garment.drawing import draw
from vf_hrviton.open.garment.landmarks import with_landmarks
from vf_hrviton.open.garment.types import EDGE_POINTS, Garment, Sleeve, SleeveLength
from vf_hrviton.open.garment.understanding import understand

__all__ = ["EDGE_POINTS", "Garment", "Sleeve", "SleeveLength", "draw", "understand", "with_landmarks"]
