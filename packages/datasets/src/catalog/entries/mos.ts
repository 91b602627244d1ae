import type { CatalogEntry } from '../entry.ts';

const CITATION_MOS =
  'subset: R. Huang, Y. Li, "MOS: Towards Scaling Out-of-distribution Detection for Large Semantic Space", CVPR 2021';
const HOMEPAGE = 'https://github.com/deeplearning-wisc/large_scale_ood';
const UNVERIFIED = [
  'size of the archive: not published',
  'checksum: from one public project (two copies of its code), not published by the authors; the server is a personal page',
  'layout inside the archive: images are found by extension wherever they lie',
];

function mosSubset(
  archive: string,
  md5: string,
  about: Pick<CatalogEntry, 'name' | 'title' | 'description' | 'license'> & { readonly source: string },
): CatalogEntry {
  const { source, ...rest } = about;
  return {
    ...rest,
    citation: `${source}; ${CITATION_MOS}`,
    homepage: HOMEPAGE,
    files: [
      {
        name: archive,
        urls: [`http://pages.cs.wisc.edu/~huangrui/imagenet_ood_dataset/${archive}`],
        md5,
        format: 'gzip',
      },
    ],
    splits: { test: { samples: 10_000, layout: { kind: 'archive', archive, classes: 'none' } } },
    usage: 'As far-OOD of ImageNet-1k: all 10,000 images (MOS, ReAct, ASH, FDE).',
    overlaps: [
      {
        id: 'imagenet-1k',
        removed: 'the subset was chosen without concepts of ImageNet-1k; nothing is left to remove',
        classes: [],
      },
    ],
    unverified: UNVERIFIED,
  };
}

export const inaturalist = mosSubset('iNaturalist.tar.gz', '5be6ea8aa027d7b631916427b32cb335', {
  name: 'inaturalist',
  title: 'iNaturalist (MOS subset)',
  description: '10,000 photographs of plants of 110 species that are not in ImageNet-1k.',
  license: 'The photographers’ own licenses, mostly CC-BY-NC',
  source: 'G. Van Horn et al., "The iNaturalist Species Classification and Detection Dataset", CVPR 2018',
});

export const sun = mosSubset('SUN.tar.gz', '8469c3ada62211477954ec1be53b12d0', {
  name: 'sun',
  title: 'SUN (MOS subset)',
  description: '10,000 photographs of 50 kinds of scenes that are not in ImageNet-1k.',
  license: 'For research only (SUN397)',
  source: 'J. Xiao, J. Hays, K. A. Ehinger, A. Oliva, A. Torralba, "SUN Database", CVPR 2010',
});

export const places = mosSubset('Places.tar.gz', 'b5cb5eba2754ae2a28beea8718db699a', {
  name: 'places',
  title: 'Places (MOS/ReAct subset; not Places365)',
  description:
    '10,000 photographs of 50 kinds of places that are not in ImageNet-1k. Another set than Places365.',
  license: 'For research and education only (Places)',
  source:
    'B. Zhou, A. Lapedriza, A. Khosla, A. Oliva, A. Torralba, "Places: A 10 Million Image Database", PAMI 2017',
});
