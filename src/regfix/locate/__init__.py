"""Locators: from a document to the sites where references stand."""
