"""Listing photos of garments as private sellers take them, with exact labels: `sample(seed)`."""

from vf_synthetic.listing.backgrounds import background_patches
from vf_synthetic.listing.labels import Kind, Landmark, Part, Photo, View
from vf_synthetic.listing.photograph import SIZE, ListingSample, sample

__all__ = ["SIZE", "Kind", "Landmark", "ListingSample", "Part", "Photo", "View", "background_patches", "sample"]
