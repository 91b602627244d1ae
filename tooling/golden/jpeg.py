"""Makes packages/datasets/test/golden/jpeg.json: pictures before and after Pillow's JPEG, as the code of ImageNet-C
and CIFAR-10-C compresses them (save with a quality, open again). Needs numpy and Pillow.

    python tooling/golden/jpeg.py
"""

import base64
import io
import json
import pathlib

import numpy as np
import PIL
from PIL import Image, features

FILE = pathlib.Path(__file__).resolve().parents[2] / "packages/datasets/test/golden/jpeg.json"

CASES = [(7, 64, 48, 3), (10, 64, 48, 3), (25, 64, 48, 3), (58, 61, 35, 3), (80, 32, 32, 3), (40, 33, 31, 1)]


def picture(seed, width, height, channels):
    """A smooth picture with an edge and a little texture."""
    rng = np.random.default_rng(seed)
    v, u = np.mgrid[0:height, 0:width] / np.array([height, width])[:, None, None]
    value = np.full((height, width, channels), 110.0)
    value[(u > 0.3) & (u < 0.6) & (v > 0.2) & (v < 0.5)] = 200
    for fx, fy, phase in rng.normal(0, 6, (6, 3)):
        value += np.sin(fx * u + fy * v + phase)[..., None] * rng.normal(0, 40, channels)
    return np.clip(value + rng.normal(0, 4, value.shape), 0, 255).astype(np.uint8)


def text(array):
    return base64.b64encode(array.tobytes()).decode()


cases = []
for seed, (quality, width, height, channels) in enumerate(CASES):
    clean = picture(seed, width, height, channels)
    file = io.BytesIO()
    Image.fromarray(clean[..., 0] if channels == 1 else clean).save(file, "JPEG", quality=quality)
    after = np.asarray(Image.open(file))
    cases.append({"quality": quality, "width": width, "height": height, "channels": channels,
                  "clean": text(clean), "compressed": text(after)})

FILE.parent.mkdir(parents=True, exist_ok=True)
made = f"Pillow {PIL.__version__} (libjpeg-turbo {features.version('libjpeg_turbo')}), tooling/golden/jpeg.py"
FILE.write_text(json.dumps({"provenance": made, "cases": cases}, indent=1) + "\n")
