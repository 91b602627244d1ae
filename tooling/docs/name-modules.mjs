import { Converter, ReflectionKind } from 'typedoc';
import { ENTRIES } from './entries.mjs';

/** Names each module of the reference as one imports it, instead of by its path. */
export function load(app) {
  const names = new Map(Object.entries(ENTRIES).map(([name, file]) => [file, name]));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, context => {
    for (const module of context.project.getReflectionsByKind(ReflectionKind.Module)) {
      const file =
        context.project.getSymbolIdFromReflection(module)?.fileName.toString() ??
        module.sources?.[0]?.fullFileName;
      const name = names.get(file);
      if (name !== undefined) module.name = name;
    }
  });
}
