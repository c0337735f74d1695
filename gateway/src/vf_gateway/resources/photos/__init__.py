"""The life of a person or a garment: accepted, prepared, asked for."""
