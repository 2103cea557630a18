import type { Face } from '../plan.ts'

export type FontName = 'sans-hans' | 'wenkai' | 'tangyuan' | 'arimo' | 'tinos' | 'cousine'

/** One weight, upright, as its npm package brings it. LICENSES.md says whose it is. */
export interface FontSource {
  readonly package: string
  /** Within the package: a font, or a stylesheet that says which font file has which characters. */
  readonly file: string
  /** Within the package; it travels with the font. */
  readonly licence: string
}

export const FONTS: Readonly<Record<FontName, FontSource>> = {
  // All of GB2312 and nearly all of GBK. The web fonts of Noto Sans SC are smaller, but the slices in which they come
  // lack 33 hanzi of GB2312 (劐阢坶塥蒈蓰…).
  'sans-hans': { package: '@embedpdf/fonts-sc', file: 'fonts/NotoSansHans-Regular.otf', licence: 'LICENSE' },
  // The package calls it Latin and 500; it is the whole font in its regular weight.
  wenkai: {
    package: '@fontsource/lxgw-wenkai',
    file: 'files/lxgw-wenkai-latin-500-normal.woff',
    licence: 'LICENSE',
  },
  tangyuan: { package: '@chinese-fonts/mkwtyt', file: 'dist/MaoKenTangYuan/result.css', licence: 'LICENSE' },
  arimo: { package: '@fontsource/arimo', file: '400.css', licence: 'LICENSE' },
  tinos: { package: '@fontsource/tinos', file: '400.css', licence: 'LICENSE' },
  cousine: { package: '@fontsource/cousine', file: '400.css', licence: 'LICENSE' },
}

export interface FaceFonts {
  /** A character is drawn from the first that has it. */
  readonly fonts: readonly [FontName, ...FontName[]]
  /**
   * How far a line reaches above and below its baseline, in em: of the hanzi fonts their em box; of the Latin ones the
   * line of Arial, Times New Roman and Courier New, whose metrics they have.
   */
  readonly ascent: number
  readonly descent: number
}

/** `sans-hans` has the Chinese that a font lacks, and `arimo` a little that `sans-hans` lacks, such as Hebrew. */
export const FACES: Readonly<Record<Face, FaceFonts>> = {
  sans: { fonts: ['sans-hans', 'arimo'], ascent: 0.88, descent: 0.12 },
  kai: { fonts: ['wenkai', 'sans-hans', 'arimo'], ascent: 0.88, descent: 0.12 },
  round: { fonts: ['tangyuan', 'sans-hans', 'arimo'], ascent: 0.85, descent: 0.15 },
  arial: { fonts: ['arimo', 'sans-hans'], ascent: 0.905, descent: 0.212 },
  times: { fonts: ['tinos', 'sans-hans', 'arimo'], ascent: 0.891, descent: 0.216 },
  courier: { fonts: ['cousine', 'sans-hans', 'arimo'], ascent: 0.833, descent: 0.3 },
}

/**
 * What stands for a character that none of a face's fonts has: the geta mark, which printers of hanzi have always put
 * there. It is in GB2312 itself, so `sans-hans` has it.
 */
export const REPLACEMENT = '〓'.charCodeAt(0)
