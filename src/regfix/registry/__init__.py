"""The service that asks registries: which tags there are, whether an image is there, and which one it is."""
