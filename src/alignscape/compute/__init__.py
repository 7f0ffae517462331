"""What is made fast on this machine and changes no result."""
