"""Many projects: what a plan lists, how git is run for them, and how far the work on each is."""
