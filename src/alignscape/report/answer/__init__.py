"""What a study answers: one sentence, whether it can be trusted, and what to do next."""
