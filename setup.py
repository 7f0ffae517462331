"""What pyproject.toml cannot say: a wheel carries the workflow, which lies beside the package in the repository."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

LOCKS = ("requirements.lock", "requirements-torch.lock", "requirements-models.lock")
SHIPPED = ("Snakefile", "workflow", "profiles", "envs", "config", "data", *LOCKS)


class BuildWithWorkflow(build_py):
    """Copies the workflow into the package as `alignscape/shipped`. An editable install finds it in the repository."""

    def run(self) -> None:
        """The package's modules and data, then the workflow."""
        super().run()
        if self.editable_mode:
            return
        folder = Path(self.build_lib) / "alignscape" / "shipped"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for name in SHIPPED:
            if Path(name).is_dir():
                shutil.copytree(name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(name, folder / name)


setup(cmdclass={"build_py": BuildWithWorkflow})
