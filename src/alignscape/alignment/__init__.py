"""Split, projection heads and scores for each pair of encoders."""
