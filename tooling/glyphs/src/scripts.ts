/**
 * Characters of the OOD sets. Those drawn like one of A–J are left out by hand here (Greek Α, Β, Ε …;
 * Cyrillic А, В, С …; katakana エ; Hebrew ו, י, ן; Arabic ا, ل …); what a single typeface makes look alike
 * is found by image correlation later.
 */
export const characters = {
  upperCase: [...'KLMNOPQRSTUVWXYZ'],
  lowerCase: [...'kmnopqrstuvwxyz'],
  digits: [...'0123456789'],
  greek: [...'ΓΔΘΛΞΠΣΦΨΩαγδζηθλμξπσφψω'],
  cyrillic: [...'БГДЖЗИЙЛПФЦЧШЩЪЫЭЮЯбджзилфцчшщыэюя'],
  kana: [
    ...'あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん',
    ...'アイウオカキクケサシスセソタチツテナヌネヒフホマミムメモヤユラリルレワヲン',
  ],
  hebrew: [...'אבגדהחטכלמםנפףצץקרשתע'],
  arabic: [...'بتثجحخدذسشصضطظعغفقكمنوي'],
  devanagari: [...'अइउएकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह'],
  bengali: [...'অইউএকখগঘঙচছজঝটঠডঢণতথদধনপফবভমযরলশষসহ'],
  tamil: [...'அஆஇஈஉஎஏஐஒகஙசஜஞணதநபமயரலவழளறன'],
  thai: [...'กขคฆงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ'],
};

/** Families (`@fontsource/<id>`) of the far scripts, each with the subset that holds the script. */
export const scriptFamilies = {
  kana: {
    subset: 'japanese',
    families: ['kosugi-maru', 'sawarabi-mincho', 'dela-gothic-one', 'yusei-magic', 'dotgothic16'],
  },
  hebrew: { subset: 'hebrew', families: ['noto-sans-hebrew', 'noto-serif-hebrew', 'heebo'] },
  arabic: { subset: 'arabic', families: ['noto-sans-arabic', 'noto-naskh-arabic', 'amiri', 'cairo'] },
  devanagari: { subset: 'devanagari', families: ['noto-sans-devanagari', 'noto-serif-devanagari'] },
  bengali: { subset: 'bengali', families: ['noto-sans-bengali'] },
  tamil: { subset: 'tamil', families: ['noto-sans-tamil'] },
  thai: { subset: 'thai', families: ['noto-sans-thai', 'noto-serif-thai'] },
} as const;
