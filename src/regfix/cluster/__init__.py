"""What runs in a cluster, and what would run: API objects as another producer of sites."""
