/**
 * Prints a software bill of materials of what the published packages bring along, as CycloneDX 1.6 JSON: `pnpm -s sbom > sbom.json`.
 * Without the date and a random serial number that the format allows, so that the same lock file gives the same bytes.
 */

import { ROOT, workspaceMembers } from '../architecture/workspace.ts';
import { pnpm } from '../package-checks/packed.ts';

interface Listed {
  readonly name: string;
  readonly versions: readonly string[];
  readonly license: string;
  readonly homepage?: string;
}

interface Component {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly homepage?: string;
}

const byLicense: Readonly<Record<string, readonly Listed[]>> = JSON.parse(
  pnpm(['licenses', 'list', '--prod', '--recursive', '--json'], ROOT),
);

const outside = Object.values(byLicense)
  .flat()
  .filter(({ name }) => !name.startsWith('@ood/'))
  .flatMap(({ versions, ...rest }) => versions.map(version => ({ version, ...rest })));
const ours = workspaceMembers()
  .filter(({ manifest }) => manifest.private !== true)
  .map(({ manifest: { name, version, license = 'unknown' } }) => ({ name, version, license }));

const components = [...ours, ...outside]
  .map(({ name, version, license, homepage }: Component) => {
    const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
    return {
      type: 'library',
      'bom-ref': purl,
      name,
      version,
      licenses: [licenseOf(license)],
      purl,
      ...(homepage !== undefined && { externalReferences: [{ type: 'website', url: homepage }] }),
    };
  })
  .sort((a, b) => (a.purl < b.purl ? -1 : 1));

const bom = {
  $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
  bomFormat: 'CycloneDX',
  specVersion: '1.6',
  version: 1,
  metadata: { component: { type: 'application', name: 'ood' } },
  components,
};
process.stdout.write(`${JSON.stringify(bom, null, 2)}\n`);

/** A single SPDX identifier is named as such, an expression as an expression, and anything else by its words. */
function licenseOf(license: string): object {
  if (/^[\w.+-]+$/.test(license) && license !== 'Unknown') return { license: { id: license } };
  if (/^[\w.+\-() ]+$/.test(license) && / (AND|OR|WITH) /.test(license)) return { expression: license };
  return { license: { name: license } };
}
