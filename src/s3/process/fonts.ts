import type { Face } from '../../renderer/plan.ts'
import { decodeText } from './base64.ts'
import { wordOf } from './pieces.ts'
import type { ValueKind } from './values.ts'

/**
 * The names of fonts, in small letters: those of the ZOS manual (which writes Arial as "Airal"), those of OSS's table,
 * and what the same fonts are called elsewhere. There is no face with serifs for Chinese: what has them is written in
 * `kai`, which is the nearest, or in `sans` where it is meant for reading.
 */
const FACES: Readonly<Record<string, Face>> = {
  heiti: 'sans',
  simhei: 'sans',
  yahei: 'sans',
  'microsoft yahei': 'sans',
  kaishu: 'kai',
  kaiti: 'kai',
  youyuan: 'round',
  'wqy-zenhei': 'sans',
  'wqy-microhei': 'sans',
  fangzhengheiti: 'sans',
  fangzhengshusong: 'sans',
  fangzhengkaiti: 'kai',
  fangzhengfangsong: 'kai',
  droidsansfallback: 'sans',
  arial: 'arial',
  airal: 'arial',
  helvetica: 'arial',
  times: 'times',
  'times new roman': 'times',
  courier: 'courier',
  'courier new': 'courier',
}

/** OSS's default. */
export const DEFAULT_FACE: Face = 'sans'

/** A name of the table in any case, or its Base64, which OSS asks for. */
export const FONT: ValueKind<Face> = {
  says: `one of ${Object.keys(FACES).join(', ')}, or the Base64 of one`,
  read: (value) => faceOf(wordOf(value)) ?? faceOf(decodeText(value.text) ?? ''),
}

function faceOf(name: string): Face | undefined {
  const known = name.toLowerCase()
  return Object.hasOwn(FACES, known) ? FACES[known] : undefined
}
