"""What a split is called on the page, in figures and on the terminal."""

SPLITS = {
    "random": "relatives allowed",
    "cluster": "relatives held out",
    "kfold": "relatives allowed, k-fold",
    "kfold_cluster": "relatives held out, k-fold",
}
