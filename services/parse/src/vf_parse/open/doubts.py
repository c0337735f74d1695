"""Where the map is unsure: which region, and what else it may be."""

from __future__ import annotations

from types import MappingProxyType

from vf_anatomy import Floats, Mask
from vf_parse.open.network import STRIDE
from vfkit.contracts import Image
from vfkit.contracts.people import PersonRegion

_SURE = 0.6
"""Mean chance of a region over its pixels from which it is believed."""
_MATTERS = 0.03
"""Share of the person that a region must take to be worth a word."""
_MISSED = 0.15
"""Share of what BlazePose surely sees as the person that may be background in the map."""
_SURELY = 0.9

NAMES = MappingProxyType({
    PersonRegion.BACKGROUND: "the background",
    PersonRegion.HAT: "a hat",
    PersonRegion.HAIR: "hair",
    PersonRegion.GLOVE: "gloves",
    PersonRegion.EYEWEAR: "glasses",
    PersonRegion.UPPER: "a top",
    PersonRegion.DRESS: "a dress",
    PersonRegion.COAT: "a coat or jacket",
    PersonRegion.SOCKS: "socks or tights",
    PersonRegion.TROUSERS: "trousers",
    PersonRegion.SCARF: "a scarf",
    PersonRegion.SKIRT: "a skirt",
    PersonRegion.SHOE: "shoes",
    PersonRegion.HELD: "a bag or something held",
    PersonRegion.FACE: "the face",
    PersonRegion.TORSO_SKIN: "bare skin of the torso",
    PersonRegion.ARM: "bare arms",
    PersonRegion.LEG: "bare legs",
})  # fmt: skip
"""The regions in a sentence."""


def doubts(chances: Floats, regions: Image, body: Floats) -> list[str]:
    """What is uncertain, a sentence each.

    Args:
        chances: (18, h, w), what the network said before anything was decided.
        regions: (h, w) uint8 of `PersonRegion`, what was decided.
        body: (h, w) probability of the person by BlazePose.
    """
    chances, regions, body = chances[:, ::STRIDE, ::STRIDE], regions[::STRIDE, ::STRIDE], body[::STRIDE, ::STRIDE]
    person = regions != PersonRegion.BACKGROUND
    found = [
        sentence
        for region in PersonRegion
        if region and (shown := regions == region).sum() > _MATTERS * person.sum()
        if (sentence := _about(region, chances[:, shown].mean(1)))
    ]
    if _missed(person, body) > _MISSED:
        found.append("Part of the person may have been taken for the background.")
    return found


def _about(region: PersonRegion, means: Floats) -> str | None:
    """What is said of a region with these (18,) mean chances of each on its pixels; None when it is believed."""
    if means[region] >= _SURE:
        return None
    others = means.copy()
    others[region] = 0
    rival = PersonRegion(int(others.argmax()))
    return f"The parse is uncertain: what is taken for {NAMES[region]} may be {NAMES[rival]}."


def _missed(person: Mask, body: Floats) -> float:
    """Share of what is surely body that is no part of the person in the map."""
    surely = body > _SURELY
    return float((surely & ~person).sum() / max(surely.sum(), 1))
