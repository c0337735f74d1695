"""The clothmask service: which pixels of a garment photo are the garment."""
