"""The person parser: which region of a person each pixel shows."""
