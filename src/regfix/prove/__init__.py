"""The proof: charts rendered by Helm before and after, and every difference named by a rule."""
