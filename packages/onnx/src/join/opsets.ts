import { OnnxError } from '../errors.ts';
import { isDefaultDomain } from '../infer/infer-shapes.ts';
import { opsetOf, upgradeOpset } from '../opset/upgrade.ts';
import type { ModelProto } from '../schema/generated/onnx_pb.ts';

/** Returns both models with the same operator sets: the later version of ONNX's own, and all others that either imports. */
export function reconcileOpsets(first: ModelProto, second: ModelProto): [ModelProto, ModelProto] {
  const target = Math.max(opsetOf(first), opsetOf(second));
  const [a, b] = [upgradeOpset(first, target), upgradeOpset(second, target)];
  const others = new Map<string, ModelProto['opsetImport'][number]>();
  for (const opset of [...a.opsetImport, ...b.opsetImport]) {
    if (isDefaultDomain(opset.domain)) continue;
    const known = others.get(opset.domain);
    if (known !== undefined && known.version !== opset.version) {
      throw new OnnxError('INCOMPATIBLE_GRAPHS', {
        where: `operator set ${JSON.stringify(opset.domain)}`,
        expected: 'one version in both models',
        got: `${known.version} and ${opset.version}`,
        advice: 'export both models with one version',
        details: { domain: opset.domain },
      });
    }
    others.set(opset.domain, opset);
  }
  const own = a.opsetImport.filter(({ domain }) => isDefaultDomain(domain));
  const opsetImport = [...own, ...others.values()];
  return [
    { ...a, opsetImport },
    { ...b, opsetImport },
  ];
}
