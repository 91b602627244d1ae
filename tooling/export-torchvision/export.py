"""Exports the four torchvision backbones of the paper (arXiv 2402.06537, main table) to ONNX.

    pip install torch torchvision onnx onnxscript onnxruntime
    python export.py --out models                 # downloads torchvision's ImageNet weights
    python export.py --out models --random        # untrained, to try the tools without a download

Each model takes `image` [batch, 3, 224, 224] (batch free) and gives `logits` [batch, 1000]; the penultimate features are
found in the graph by `openBackbone` of @ood/features, so they need no output of their own. Beside each model, its
preprocessing: NAME.preprocessing.json. Every export is run at two batch sizes and compared with torch.
"""

import argparse
import hashlib
import json
import pathlib

import onnx
import onnxruntime
import torch
import torchvision

# name: weights of the paper; features of the last layer
MODELS = {
    "resnet50": ("IMAGENET1K_V1", 2048),
    "mobilenet_v2": ("IMAGENET1K_V1", 1280),
    "swin_t": ("IMAGENET1K_V1", 768),
    "vit_b_32": ("IMAGENET1K_V1", 768),
}


def strip(path):
    """Removes what the exporter says of each node: stack traces with the paths of this machine, by which files would differ."""
    model = onnx.load(path)
    for item in [*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, model.graph]:
        del item.metadata_props[:]
    onnx.save(model, path)


def preprocessing(name, weights):
    """What torchvision's own transforms of these weights do, as @ood/features describes it."""
    transforms = torchvision.models.get_model_weights(name)[weights].transforms()
    (resize,), (crop,) = transforms.resize_size, transforms.crop_size
    return {
        "version": 1,
        "orientation": "ignore",
        "color": "rgb",
        "resize": {"kind": "shorter-side", "size": resize, "rounding": "truncate"},
        "filter": transforms.interpolation.value,
        "crop": {"width": crop, "height": crop, "rounding": "half-even"},
        "scale": 1 / 255,
        "mean": transforms.mean,
        "std": transforms.std,
        "layout": "NCHW",
        "dtype": "float32",
    }


def difference(model, path):
    """Largest difference of the file's logits from torch's, relative to the largest logit, at batches of 1 and 5."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0.0
    for rows in (1, 5):
        images = torch.randn(rows, 3, 224, 224)
        with torch.no_grad():
            expected = model(images)
        (logits,) = session.run(["logits"], {"image": images.numpy()})
        worst = max(worst, float((torch.from_numpy(logits) - expected).abs().max() / expected.abs().max()))
    return worst


def export(name, out, random, opset):
    weights, feature_size = MODELS[name]
    torch.manual_seed(1)
    model = torchvision.models.get_model(name, weights=None if random else weights).eval()
    if random:
        # ViT starts with a head of zeros, in which there is nothing to prove.
        for parameter in model.parameters():
            if parameter.dim() == 2 and not parameter.any():
                torch.nn.init.normal_(parameter, std=0.02)
    path = out / f"{name}.onnx"
    # Any batch but 1: exporters may fix a size of 1.
    example = torch.randn(2, 3, 224, 224)
    torch.onnx.export(
        model,
        (example,),
        path,
        input_names=["image"],
        output_names=["logits"],
        dynamic_shapes=({0: torch.export.Dim("batch")},),
        opset_version=opset,
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    strip(path)
    relative = difference(model, path)
    if not relative < 1e-4:
        raise SystemExit(f"{path}: expected torch's logits to 1e-4, got a difference of {relative:.1e}")
    (out / f"{name}.preprocessing.json").write_text(json.dumps(preprocessing(name, weights), indent=2) + "\n")
    data = path.read_bytes()
    return {
        "model": name,
        "weights": "random (seed 1)" if random else weights,
        "feature_size": feature_size,
        "file": path.name,
        "bytes": len(data),
        "relative_difference": relative,
        "sha256": hashlib.sha256(data).hexdigest(),
        "opset": opset,
        "torch": torch.__version__,
        "torchvision": torchvision.__version__,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=pathlib.Path, default=pathlib.Path("models"))
    parser.add_argument("--models", nargs="+", choices=list(MODELS), default=list(MODELS))
    parser.add_argument("--random", action="store_true", help="untrained weights; nothing is downloaded")
    parser.add_argument("--opset", type=int, default=18)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    for name in args.models:
        print(json.dumps(export(name, args.out, args.random, args.opset)), flush=True)


if __name__ == "__main__":
    main()
