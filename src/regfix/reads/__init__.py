"""What the templates of a chart read of its values, and what of the values nobody reads."""
