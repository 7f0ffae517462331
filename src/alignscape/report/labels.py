"""What a split is called on the page."""

SPLITS = {
    "random": "random split",
    "cluster": "split by sequence cluster",
    "kfold": "k-fold, random",
    "kfold_cluster": "k-fold, by sequence cluster",
}
