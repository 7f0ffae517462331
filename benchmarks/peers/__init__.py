"""What is compared with whom: each module prepares the same work for us and for a peer, as two calls without arguments."""
