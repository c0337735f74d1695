"""Listing photos of garments as private sellers take them, with exact labels: `sample(seed)`."""

from vf_synthetic.listing.backgrounds import background_patches
from vf_synthetic.listing.photograph import KINDS, PHOTOS, SIZE, VIEWS, ListingSample, sample

__all__ = ["KINDS", "PHOTOS", "SIZE", "VIEWS", "ListingSample", "background_patches", "sample"]
