"""References, rules and the catalogue: what an image is called, and where it moves."""
