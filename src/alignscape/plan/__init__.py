"""What a study makes and where it lies, before anything runs."""
