"""What a parser network tells apart on a person, before left and right are known."""

from __future__ import annotations

from enum import IntEnum


class PersonRegion(IntEnum):
    """One channel of the person parser's answer for each; arms, legs and shoes have no side yet."""

    BACKGROUND = 0
    """Other people too."""
    HAT = 1
    HAIR = 2
    GLOVE = 3
    EYEWEAR = 4
    UPPER = 5
    DRESS = 6
    """Jumpsuits too."""
    COAT = 7
    """Jackets, blazers, whatever is worn over an upper garment."""
    SOCKS = 8
    """Tights and stockings too."""
    TROUSERS = 9
    """Shorts and leggings too."""
    SCARF = 10
    SKIRT = 11
    SHOE = 12
    HELD = 13
    """Bags with their straps, and what hands hold."""
    FACE = 14
    """Ears, beard and lips too."""
    TORSO_SKIN = 15
    """Bare neck, chest, back and midriff."""
    ARM = 16
    """Bare skin of arms and hands."""
    LEG = 17
    """Bare skin of legs and feet."""
