"""The device that models run on."""


def pick_device() -> str:
    """The device that models run on: the GPU that the job was given, or the processor."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
