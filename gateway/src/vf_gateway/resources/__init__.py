"""What the API is about: people, garments, fittings and comparisons, from acceptance to deletion."""
