"""Times an ONNX image model in Python (onnxruntime and Pillow, one process) and prints one JSON line.

    python extract_features.py model.onnx images/ --threads 2 --batch 16 --resize 256 --crop 224
    python extract_features.py model.onnx images.tar --limit 500 --output features.npy
    python extract_features.py none images/ --prepare-only

Images come from a folder (searched through its subfolders) or a tar file. Each is opened with Pillow, made RGB, resized
(shorter side, bilinear), cropped at the centre, scaled to [0, 1] and normalised with the ImageNet mean and standard
deviation. With --crop 0 the image is resized to a square of --resize. The features are the model's first output, or
the one that --output-name names. --prepare-only times everything but the model (and needs no onnxruntime).
"""

import argparse
import io
import json
import pathlib
import tarfile
import time

import numpy as np
import PIL
from PIL import Image

ENDINGS = (".jpg", ".jpeg", ".png", ".bmp", ".webp")
MEAN = np.array([0.485, 0.456, 0.406], dtype=np.float32)
STD = np.array([0.229, 0.224, 0.225], dtype=np.float32)


def images_of(source):
    """Yields the bytes of each image, in the order of their names for a folder and as stored for a tar."""
    path = pathlib.Path(source)
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.suffix.lower() in ENDINGS):
            yield file.read_bytes()
        return
    with tarfile.open(path, "r|*") as archive:
        for member in archive:
            if member.isfile() and member.name.lower().endswith(ENDINGS):
                yield archive.extractfile(member).read()


def prepare(data, resize, crop):
    image = Image.open(io.BytesIO(data)).convert("RGB")
    if crop:
        width, height = image.size
        longer = int(resize * max(width, height) / min(width, height))
        image = image.resize((resize, longer) if width <= height else (longer, resize), Image.Resampling.BILINEAR)
        left, top = (int(round((side - crop) / 2)) for side in image.size)
        image = image.crop((left, top, left + crop, top + crop))
    else:
        image = image.resize((resize, resize), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, dtype=np.float32) / 255
    return ((pixels - MEAN) / STD).transpose(2, 0, 1)


def batches(items, size):
    batch = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def open_model(path, threads):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def prepare_only(parser, args):
    start = time.perf_counter()
    source = images_of(args.images)
    if args.limit is not None:
        source = (data for data, _ in zip(source, range(args.limit)))
    count = 0
    for batch in batches(source, args.batch):
        count += len(np.stack([prepare(data, args.resize, args.crop) for data in batch]))
    total = time.perf_counter() - start
    if count == 0:
        parser.error(f"no images in {args.images}")
    print(json.dumps({"peer": f"pillow-{PIL.__version__}", "images": count, "seconds": round(total, 3), "ms_per_image": round(1000 * total / count, 3)}))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("images", help="a folder or a tar file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--resize", type=int, default=256)
    parser.add_argument("--crop", type=int, default=224)
    parser.add_argument("--limit", type=int, default=None, help="stop after this many images")
    parser.add_argument("--output-name", default=None)
    parser.add_argument("--output", default=None, help="write the features to this .npy file")
    parser.add_argument("--prepare-only", action="store_true", help="leave the model out")
    args = parser.parse_args()

    if args.prepare_only:
        return prepare_only(parser, args)
    import onnxruntime

    session = open_model(args.model, args.threads)
    input_name = session.get_inputs()[0].name
    output_name = args.output_name or session.get_outputs()[0].name
    side = args.crop or args.resize
    session.run([output_name], {input_name: np.zeros((args.batch, 3, side, side), dtype=np.float32)})

    features, count = [], 0
    seconds = {"prepare": 0.0, "model": 0.0}
    start = time.perf_counter()
    source = images_of(args.images)
    if args.limit is not None:
        source = (data for data, _ in zip(source, range(args.limit)))
    for batch in batches(source, args.batch):
        begin = time.perf_counter()
        pixels = np.stack([prepare(data, args.resize, args.crop) for data in batch])
        middle = time.perf_counter()
        result = session.run([output_name], {input_name: pixels})[0]
        features.append(result.reshape(len(batch), -1))
        seconds["prepare"] += middle - begin
        seconds["model"] += time.perf_counter() - middle
        count += len(batch)
    total = time.perf_counter() - start
    if count == 0:
        parser.error(f"no images in {args.images}")
    if args.output:
        np.save(args.output, np.concatenate(features))
    print(
        json.dumps(
            {
                "peer": "onnxruntime-python",
                "onnxruntime": onnxruntime.__version__,
                "images": count,
                "dim": int(features[0].shape[1]),
                "threads": args.threads,
                "batch": args.batch,
                "resize": args.resize,
                "crop": args.crop,
                "seconds": round(total, 3),
                "seconds_read": round(total - sum(seconds.values()), 3),
                "seconds_prepare": round(seconds["prepare"], 3),
                "seconds_model": round(seconds["model"], 3),
                "images_per_s": round(count / total, 2),
                "feature_mean": round(float(np.mean([f.mean() for f in features])), 6),
            }
        )
    )


if __name__ == "__main__":
    main()
