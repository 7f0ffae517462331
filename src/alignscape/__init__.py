"""How well do protein structure encoders and language models agree about the same proteins?"""

__version__ = "0.2.0"
