"""Exports the four torchvision backbones of the paper (arXiv 2402.06537, main table) to ONNX.

    pip install torch torchvision onnx onnxscript
    python export.py --out models                 # downloads torchvision's ImageNet weights
    python export.py --out models --random        # untrained, to try the tools without a download

Each model takes `image` [batch, 3, 224, 224] (batch free) and gives `logits` [batch, 1000]; the penultimate features are
found in the graph by `openBackbone` of @ood/features, so they need no output of their own. Preprocessing: preset
`imagenet` for ResNet-50, MobileNetV2 and ViT-B/32 (bilinear, 256 → 224); Swin-T resizes to 232 with bicubic.
"""

import argparse
import hashlib
import json
import pathlib

import torch
import torchvision

# name: weights of the paper; features of the last layer
MODELS = {
    "resnet50": ("IMAGENET1K_V1", 2048),
    "mobilenet_v2": ("IMAGENET1K_V1", 1280),
    "swin_t": ("IMAGENET1K_V1", 768),
    "vit_b_32": ("IMAGENET1K_V1", 768),
}


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
    data = path.read_bytes()
    return {
        "model": name,
        "weights": "random (seed 1)" if random else weights,
        "feature_size": feature_size,
        "file": path.name,
        "bytes": len(data),
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
