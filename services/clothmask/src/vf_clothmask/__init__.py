"""The clothmask service: reads a garment's photo and cuts the garment out."""
