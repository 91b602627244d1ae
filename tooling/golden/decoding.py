"""Makes packages/features/test/golden/odd and decoding.json: images in unusual encodings and the RGB pixels that Pillow
decodes. Needs Pillow and numpy.

    python tooling/golden/decoding.py
"""

import base64
import json
import pathlib
import zlib

import numpy as np
import PIL
from PIL import Image, ImageCms

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/features/test/golden"
ODD = FOLDER / "odd"


def waves(channels):
    y, x = np.mgrid[0:15, 0:20]
    return np.stack([(127 + 100 * np.sin((x * (i + 1) + y * (2 - i)) / 5)).astype(np.uint8) for i in range(channels)], -1)


def exif(orientation):
    tags = Image.Exif()
    tags[0x112] = orientation
    return tags


def main():
    ODD.mkdir(parents=True, exist_ok=True)
    rgb = Image.fromarray(waves(3))
    palette = rgb.quantize(16)
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    images = {
        "plain.jpg": (rgb, {"quality": 90}),
        "progressive.jpg": (rgb, {"quality": 90, "progressive": True}),
        "grey.jpg": (Image.fromarray(waves(1)[..., 0]), {}),
        "cmyk.jpg": (Image.fromarray(waves(4), "CMYK"), {"quality": 90}),
        "cmyk.tif": (Image.fromarray(waves(4), "CMYK"), {}),
        "profile.jpg": (rgb, {"quality": 90, "icc_profile": xyz}),
        "palette.png": (palette, {}),
        "palette-transparent.png": (palette, {"transparency": 3}),
        "grey-alpha.png": (Image.fromarray(waves(2), "LA"), {}),
        "alpha.png": (Image.fromarray(waves(4), "RGBA"), {}),
        "alpha.webp": (Image.fromarray(waves(4), "RGBA"), {"lossless": True, "exact": True}),
        "plain.webp": (rgb, {"lossless": True}),
        "one-bit.png": (Image.fromarray(waves(1)[..., 0] > 128), {}),
        "plain.tif": (rgb, {}),
        "animated.gif": (palette, {"save_all": True, "append_images": [palette.rotate(90)]}),
        "plain.bmp": (rgb, {}),
        "palette.bmp": (palette, {}),
        "one-bit.bmp": (Image.fromarray(waves(1)[..., 0] > 128), {}),
    } | {f"exif-{i}.jpg": (rgb, {"quality": 90, "exif": exif(i)}) for i in range(1, 9)}

    expected = {}
    for name, (image, options) in images.items():
        image.save(ODD / name, **options)
        opened = Image.open(ODD / name)
        pixels = np.asarray(opened.convert("RGB"))
        packed = base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode()
        expected[name] = {"mode": opened.mode, "size": list(opened.size), "rgb_zlib_base64": packed}

    grey16 = waves(1)[..., 0].astype(np.uint16) * 257 - 123
    Image.fromarray(grey16.astype(np.uint16)).save(ODD / "grey-16-bit.png")

    jpg, png = ((ODD / name).read_bytes() for name in ("plain.jpg", "alpha.png"))
    (ODD / "truncated.jpg").write_bytes(jpg[: len(jpg) * 2 // 3])
    (ODD / "truncated.png").write_bytes(png[: len(png) * 2 // 3])
    about = f"Pillow {PIL.__version__}, tooling/golden/decoding.py; rgb_zlib_base64: rows of RGB bytes"
    text = json.dumps({"provenance": about, "images": expected, "grey_16_bit": grey16.ravel().tolist()}, indent=1)
    (FOLDER / "decoding.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
