"""Charts after Helm's rules: metadata, dependencies, archives, and the tree of a chart with its subcharts."""
