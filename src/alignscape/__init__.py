"""How well do protein structure encoders and language models agree about the same proteins?"""

__version__ = "0.1.0"
