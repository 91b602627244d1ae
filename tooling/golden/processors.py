"""Makes packages/features/test/golden/processors.json: preprocessor_config.json files in the ways in which they are found
on the hub, old and new, and a grid of the values that Hugging Face's image processors (their Pillow backends) make of two
images with them. Needs transformers, numpy and Pillow.

    python tooling/golden/processors.py
"""

import json
import pathlib
import tempfile

import numpy as np
import transformers
from PIL import Image
from transformers import AutoImageProcessor

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/features/test/golden"
IMAGES = ["rings-300x200.png", "tall-rings-60x301.png"]

MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
PLAIN = {"do_normalize": True, "do_resize": True, "image_mean": MEAN, "image_std": STD}
NEW = PLAIN | {"do_rescale": True, "rescale_factor": 1 / 255}
CROP = {"do_center_crop": True, "crop_size": {"height": 224, "width": 224}}


def side(size):
    return {"height": size, "width": size}


def old(kind, **keys):
    return PLAIN | {"feature_extractor_type": f"{kind}FeatureExtractor"} | keys


def new(kind, **keys):
    return NEW | {"image_processor_type": f"{kind}ImageProcessor"} | keys


FILES = {
    "ViT, old": old("ViT", resample=2, size=224),
    "ViT, silent about its filter": new("ViT", size=224),
    "ViT, fast": NEW | {"image_processor_type": "ViTImageProcessorFast", "resample": 2, "size": side(224)},
    "ViT, with empty keys": new("ViT", resample=2, size=side(224), do_center_crop=None, crop_size=None, do_pad=None),
    "DeiT, old": old("DeiT", resample=3, size=256, crop_size=224, do_center_crop=True),
    "DeiT, new": new("DeiT", resample=3, size=side(256), **CROP),
    "BEiT, cropped": old("Beit", resample=3, size=256, crop_size=224, do_center_crop=True),
    "BEiT, not cropped": old("Beit", resample=2, size=224, crop_size=224, do_center_crop=False),
    "CLIP, old": old("CLIP", resample=3, size=224, crop_size=224, do_center_crop=True),
    "CLIP, new": new("CLIP", resample=3, size={"shortest_edge": 224}, do_convert_rgb=True, **CROP),
    "CLIP, silent about its crop": new("CLIP", resample=3, size={"shortest_edge": 224}),
    "Chinese CLIP, not cropped": old("ChineseCLIP", resample=3, size=96, do_center_crop=False),
    "SigLIP": new("Siglip", resample=3, size=side(224)),
    "BLIP": new("Blip", resample=3, size=side(384)),
    "FLAVA, old": old("Flava", resample=3, size=256, crop_size=224, do_center_crop=True),
    "BiT (DINOv2)": new("Bit", resample=3, size={"shortest_edge": 256}, **CROP),
    "ConvNeXt (ResNet)": old("ConvNext", resample=3, size=224, crop_pct=0.875),
    "ConvNeXt, silent about its crop": old("ConvNext", resample=3, size=224),
    "ConvNeXt at 384": new("ConvNext", resample=3, size={"shortest_edge": 384}, crop_pct=1.0),
    "LeViT, old": old("Levit", resample=3, size=224, do_center_crop=True),
    "LeViT, new": new("Levit", resample=3, size={"shortest_edge": 224}, **CROP),
    "MobileNetV1": new("MobileNetV1", resample=2, size={"shortest_edge": 256}, **CROP),
    "MobileNetV2": old("MobileNetV2", resample=2, size={"shortest_edge": 256}, **CROP),
    "MobileNetV2, to a square that its crop pads": new("MobileNetV2", resample=3, size=side(160)),
    "MobileViT": {
        "feature_extractor_type": "MobileViTFeatureExtractor",
        "do_resize": True,
        "resample": 2,
        "size": 288,
        "crop_size": 256,
    },
    "EfficientNet": new("EfficientNet", resample=0, size=side(240), crop_size=side(289), include_top=True, rescale_offset=False),
    "PoolFormer": old("PoolFormer", resample=3, size=224, crop_pct=0.95, crop_size=side(224)),
    "PoolFormer, silent about its crop": old("PoolFormer", resample=3, size=224),
    "PVT": new("Pvt", resample=2, size=side(224)),
    "SegFormer": old("Segformer", resample=2, size=512, reduce_labels=True),
}


def grid(values):
    """27 values: three rows and columns of each channel, the borders among them."""
    _, height, width = values.shape
    rows, columns = [0, height // 2, height - 1], [0, width // 3, width - 1]
    return [round(float(v), 6) for v in values[:, rows][:, :, columns].ravel()]


def main():
    images = {name: Image.open(FOLDER / "images" / name).convert("RGB") for name in IMAGES}
    files = {}
    for name, config in FILES.items():
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "preprocessor_config.json").write_text(json.dumps(config))
            processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
        made = {key: np.asarray(processor(images=image, return_tensors="np")["pixel_values"])[0] for key, image in images.items()}
        files[name] = {"config": config, "images": {key: {"dims": list(v.shape), "grid": grid(v)} for key, v in made.items()}}
    about = f"transformers {transformers.__version__}, tooling/golden/processors.py; grid: channels × first, middle, last row × first, third, last column"
    (FOLDER / "processors.json").write_text(json.dumps({"provenance": about, "files": files}) + "\n")


if __name__ == "__main__":
    main()
