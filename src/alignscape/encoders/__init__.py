"""Structure encoders and language models, and their training."""
