"""Proteins put into words, by a template or a language model."""
