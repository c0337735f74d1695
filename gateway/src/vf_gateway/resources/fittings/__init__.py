"""The life of a fitting: accepted, run, asked for."""
