"""The settings file `.regfix.yaml`: where it is found, what it may say."""
