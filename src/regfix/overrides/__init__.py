"""Overrides: the values that a chart, or its installer, must set so that subcharts pull from where the rules say."""
