import { RenderFailed } from '../renderer.ts'

/** What libvips and the decoders say; a decoder that is lied to about sizes fails to find memory, too. */
const REASONS = [
  ['out-of-memory', /out of memory|unable to allocate|memory limit/i, 'The picture takes too much memory.'],
  ['too-large', /exceeds (?:pixel|channel) limit|too (?:large|big)/i, 'The picture is too large.'],
  ['damaged', /contains unsupported image format/i, 'The picture is damaged.'],
  ['unsupported', /unsupported|not supported|not implemented/i, 'This kind of picture is not processed.'],
] as const

/** What a picture does that cannot be decoded. */
export function decodingFailed(cause: unknown): RenderFailed {
  if (cause instanceof RenderFailed) return cause
  const text = cause instanceof Error ? cause.message : String(cause)
  const [reason, , message] = REASONS.find(([, pattern]) => pattern.test(text)) ?? [
    'damaged',
    undefined,
    'The picture is damaged or cut off.',
  ]
  return new RenderFailed(reason, message, { cause })
}
