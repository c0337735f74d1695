"""The garment reader: kind, photo, view, parts and landmarks of a garment in a listing photo."""
