"""What splits, heads and roles are called on the page, in figures and on the terminal."""

SPLITS = {
    "random": "relatives allowed",
    "cluster": "relatives held out",
    "kfold": "relatives allowed, k-fold",
    "kfold_cluster": "relatives held out, k-fold",
}
STATES = {"trained": "trained", "untrained": "before training"}  # of heads
ROLES = {"ladder": "width series", "option": "variant", "fine_tuned": "fine-tuned"}  # the others are said as they are
COUNTED = {"entities": "different chains", "chains": "chains, copies too"}
