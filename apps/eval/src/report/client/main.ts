/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
import type { ReportData } from '../data/report-data.ts';
import { mountCurves } from './curves.ts';
import { mountExtremes } from './extremes.ts';
import { mountHistograms } from './histograms.ts';
import { mountMap } from './map.ts';
import { fitTablesToPaper } from './print.ts';
import { createStore } from './store.ts';
import { mountTable } from './table.ts';
import { mountTheme } from './theme.ts';
import { mountThreshold } from './threshold.ts';
import { createThumbnails } from './thumbnails.ts';

/** The script of the page: state in one store, each part redraws what depends on what changed. */
const data: ReportData = JSON.parse(document.getElementById('report-data')!.textContent!);
const store = createStore({ focus: data.focus, shown: data.shown, set: 0, step: 950, logarithmic: false });
const thumbnails = createThumbnails(data);

mountTheme();
mountTable(data);
mountThreshold(data, store);
mountCurves(data, store);
mountHistograms(data, store);
mountExtremes(data, store, thumbnails);
if (data.map) mountMap(data, data.map, store, thumbnails);
fitTablesToPaper();
