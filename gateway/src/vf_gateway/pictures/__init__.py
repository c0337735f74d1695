"""Photos and artifacts: taken in, stored, found again."""
