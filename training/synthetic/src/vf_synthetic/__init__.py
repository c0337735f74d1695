"""Pictures of people and garments that nobody owns: rendered from CC0 body assets and procedural clothes."""
