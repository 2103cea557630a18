import type { Color } from '../../renderer/plan.ts'
import type { OpenedPicture } from '../../renderer/renderer.ts'

// What the operators answer that ask about a picture: JSON documents in the form of Aliyun OSS, whose operators they
// are. ZOS says no more than that they tell the basic facts and EXIF (its user guide, 20703427).

/** Of what `info` and `average-hue` answer. */
export const ANSWER_TYPE = 'application/json'

/** `{"FileSize":{"value":"21839"},"Format":{"value":"jpg"},…}`: width and height are those of the pixels as stored. */
export function infoDocument(picture: OpenedPicture): Buffer {
  const facts: Readonly<Record<string, string>> = {
    ...picture.exif,
    FileSize: String(picture.bytes),
    Format: picture.format,
    FrameCount: String(picture.frames),
    ImageHeight: String(picture.height),
    ImageWidth: String(picture.width),
  }
  const names = Object.keys(facts).sort()
  return Buffer.from(JSON.stringify(Object.fromEntries(names.map((name) => [name, { value: facts[name] }]))))
}

/** `{"RGB":"0x5c783b"}` */
export function hueDocument({ red, green, blue }: Color): Buffer {
  const digits = [red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')
  return Buffer.from(JSON.stringify({ RGB: `0x${digits}` }))
}
