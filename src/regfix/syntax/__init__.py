"""What the formats are made of: YAML events and scalars, documents, templates, key paths."""
