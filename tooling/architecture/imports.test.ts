import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { beforeAll, describe, expect, it } from 'vitest';
import { APPS, ARROWS } from './arrows.ts';
import { ROOT, workspaceMembers } from './workspace.ts';

interface Edge {
  readonly from: string;
  readonly specifier: string;
  /** File imported, relative to the root. */
  readonly to: string;
  readonly circular: boolean;
}

const allowed: Readonly<Record<string, readonly string[]>> = { ...ARROWS, ...APPS };
const members = workspaceMembers();
const memberOf = (file: string): string | undefined => /^(?:packages|apps)\/([^/]+)\//.exec(file)?.[1];
const isTest = (file: string): boolean => /\.test\.ts$|\/(?:test|bench|examples)\//.test(file);
const describeEdges = (wrong: readonly Edge[]): string[] =>
  wrong.map(({ from, specifier }) => `${from} imports ${specifier}`);

let edges: readonly Edge[];

beforeAll(async () => {
  const { output } = await cruise(['packages', 'apps'], {
    baseDir: ROOT,
    exclude: { path: '(^|/)(node_modules|dist|generated)/' },
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
  });
  edges = (output as ICruiseResult).modules.flatMap(module =>
    module.dependencies.map(dependency => ({
      from: module.source,
      specifier: dependency.module,
      to: dependency.resolved,
      circular: dependency.circular,
    })),
  );
}, 300_000);

describe('imports', () => {
  it('are seen at all, in every member of the workspace', () => {
    const seen = new Set(edges.map(edge => memberOf(edge.from)));
    expect(members.map(({ folder }) => folder).filter(folder => !seen.has(folder))).toEqual([]);
  });

  it('follow the arrows between packages', () => {
    const wrong = edges.filter(({ from, specifier }) => {
      const target = /^@ood\/([^/]+)/.exec(specifier)?.[1];
      const source = memberOf(from);
      if (target === undefined || source === undefined || target === source) return false;
      return !allowed[source]?.includes(target);
    });
    expect(describeEdges(wrong)).toEqual([]);
  });

  it('never reach into another package by path', () => {
    const wrong = edges.filter(({ from, to, specifier }) => {
      const target = memberOf(to);
      return specifier.startsWith('.') && target !== undefined && target !== memberOf(from);
    });
    expect(describeEdges(wrong)).toEqual([]);
  });

  it('name only entries that the package exports', () => {
    const exported = new Set(
      members.flatMap(({ manifest }) =>
        Object.keys(manifest.exports ?? {}).map(entry => manifest.name + entry.slice(1)),
      ),
    );
    const wrong = edges.filter(({ specifier }) => specifier.startsWith('@ood/') && !exported.has(specifier));
    expect(describeEdges(wrong)).toEqual([]);
  });

  it('have no cycles', () => {
    const cycles = edges.filter(edge => edge.circular);
    expect(cycles.map(({ from, to }) => `${from} -> ${to}`)).toEqual([]);
  });

  it('keep TensorFlow.js within flows and the recorder', () => {
    const wrong = edges.filter(
      ({ from, specifier }) =>
        specifier.startsWith('@tensorflow/') &&
        !isTest(from) &&
        !from.startsWith('packages/flows/') &&
        !from.startsWith('packages/onnx/src/record/'),
    );
    expect(describeEdges(wrong)).toEqual([]);
  });

  it('name a runtime only where it is injected', () => {
    const wrong = edges.filter(
      ({ from, specifier }) =>
        /^onnxruntime-/.test(specifier) && !isTest(from) && !from.startsWith('packages/onnx/src/'),
    );
    expect(describeEdges(wrong)).toEqual([]);
  });
});
