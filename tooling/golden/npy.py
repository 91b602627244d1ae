"""Makes packages/features/test/golden/npy: arrays saved by NumPy in several formats, and their values. Needs numpy.

    python tooling/golden/npy.py
"""

import json
import pathlib

import numpy as np
from numpy.lib import format as npy

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/features/test/golden/npy"

base = (np.arange(12).reshape(4, 3) - 5.25).astype("<f4")
arrays = {
    "c1-f4": (base, (1, 0)),
    "c2-f8": (base.astype("<f8") / 3, (2, 0)),
    "c3-f2": (base.astype("<f2"), (3, 0)),
    "big-endian-f4": (base.astype(">f4"), (1, 0)),
    "c1-i8": (np.arange(5, dtype="<i8") - 2, (1, 0)),
    "fortran-1d": (np.asfortranarray(base[:, 0]), (1, 0)),
}

if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    expected = {"provenance": f"numpy {np.__version__}, tooling/golden/npy.py"}
    for name, (array, version) in arrays.items():
        with open(FOLDER / f"{name}.npy", "wb") as file:
            npy.write_array(file, array, version=version)
        expected[name] = {"dims": list(array.shape), "values": array.astype(np.float64).ravel().tolist()}
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
