"""Makes boxes.json: what Pillow (12.3) cuts out of an image of 200 × 100 pixels whose red is the column and green the row."""

import random

import numpy as np
import PIL
from PIL import Image

import golden_io

x, y = np.meshgrid(np.arange(200), np.arange(100))
image = Image.fromarray(np.stack([x, y, np.full_like(x, 7)], axis=-1).astype(np.uint8))
rng = random.Random(1)


def corner(side):
    whole = rng.randrange(0, side)
    return whole + rng.choice([0, 0.5, rng.random()])


cases = []
while len(cases) < 60:
    (x1, x2), (y1, y2) = sorted([corner(200), corner(200)]), sorted([corner(100), corner(100)])
    crop = image.crop((x1, y1, min(x2, 200), min(y2, 100)))
    if x2 > x1 and y2 > y1 and min(crop.size) > 0:
        first = crop.getpixel((0, 0))
        cases.append({"box": [x1, y1, x2, y2], "left": first[0], "top": first[1], "width": crop.width, "height": crop.height})

golden_io.write("boxes.json", {"about": "see README.md", "library": f"Pillow {PIL.__version__}", "cases": cases})
