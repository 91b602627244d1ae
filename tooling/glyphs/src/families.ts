import type { FamilyCategory } from './types.ts';

/** The Latin typeface families of the data set, by category: `@fontsource/<id>` of the npm registry. */
export const latinFamilies: Record<FamilyCategory, readonly string[]> = {
  serif: words(`
    merriweather playfair-display lora pt-serif libre-baskerville crimson-text eb-garamond
    cormorant-garamond spectral cardo vollkorn alegreya gelasio old-standard-tt tinos domine neuton
    frank-ruhl-libre cinzel gilda-display prata dm-serif-display newsreader sorts-mill-goudy
    im-fell-english rufina marcellus lusitana quattrocento unna oranienbaum ovo philosopher cormorant-sc
    fanwood-text noto-serif
  `),
  sans: words(`
    roboto open-sans lato montserrat oswald raleway poppins nunito work-sans fira-sans quicksand
    josefin-sans rubik barlow-condensed dosis cabin exo-2 titillium-web anton archivo-black bebas-neue
    comfortaa varela-round pt-sans source-sans-3 karla play orbitron jura michroma syncopate teko
    rajdhani chakra-petch kanit ibm-plex-sans jost space-grotesk fjalla-one tenor-sans gruppo poiret-one
    advent-pro economica
  `),
  slab: words(`
    roboto-slab zilla-slab arvo crete-round josefin-slab alfa-slab-one patua-one bree-serif kreon glegoo
    sanchez bevan holtwood-one-sc rokkitt bitter ultra
  `),
  mono: words(`
    roboto-mono fira-mono jetbrains-mono ibm-plex-mono space-mono inconsolata courier-prime cutive-mono
    anonymous-pro vt323 share-tech-mono nova-mono special-elite press-start-2p
  `),
  display: words(`
    abril-fatface lobster righteous bangers fredoka luckiest-guy passion-one bungee black-ops-one
    russo-one audiowide limelight fugaz-one staatliches titan-one carter-one shrikhand chango sigmar-one
    paytone-one squada-one wallpoet rye sancreek creepster eater metal-mania ribeye emilys-candy
    mystery-quest griffy henny-penny uncial-antiqua almendra macondo medievalsharp caesar-dressing geo
    iceland quantico electrolize zen-dots megrim oleo-script berkshire-swash londrina-solid
    londrina-outline syne-mono yeseva-one monoton
  `),
  handwriting: words(`
    dancing-script pacifico caveat satisfy great-vibes kaushan-script sacramento indie-flower
    shadows-into-light permanent-marker amatic-sc patrick-hand architects-daughter courgette cookie
    yellowtail parisienne tangerine allura marck-script gloria-hallelujah rock-salt covered-by-your-grace
    reenie-beanie homemade-apple handlee kalam gochi-hand just-another-hand schoolbell coming-soon
    merienda playball leckerli-one bad-script
  `),
  blackletter: words(`
    unifrakturcook pirata-one grenze-gotisch new-rocker fruktur texturina
  `),
};

function words(text: string): string[] {
  return text.trim().split(/\s+/);
}
