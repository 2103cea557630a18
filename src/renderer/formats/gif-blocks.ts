import { RenderFailed } from '../renderer.ts'

// The blocks of "Graphics Interchange Format, Version 89a". libvips takes what there is of a GIF that is cut off; its
// other decoders do not, and nor does this.

const HEADER_BYTES = 13
const EXTENSION = 0x21
const IMAGE = 0x2c
const TRAILER = 0x3b
/** Of an image, with its introducer. */
const IMAGE_HEADER_BYTES = 10

/**
 * Passes over all blocks. A missing trailer is forgiven, as by everybody.
 * @throws RenderFailed `damaged`
 */
export function assertGifComplete(bytes: Buffer): void {
  let at = HEADER_BYTES + coloursBytes(bytes[10])
  while (at < bytes.length && bytes[at] !== TRAILER) {
    if (bytes[at] === EXTENSION) at = behindData(bytes, at + 2)
    // The byte before the data is the length of its codes.
    else if (bytes[at] === IMAGE) at = behindData(bytes, at + IMAGE_HEADER_BYTES + coloursBytes(bytes[at + 9]) + 1)
    // Between blocks there may be rubbish, which decoders take for the end.
    else return
  }
  if (at > bytes.length) throw damaged()
}

/** Of the table of colours that a byte of flags announces. */
function coloursBytes(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1)
}

/** Parts of up to 255 bytes, each behind its length, until one is empty. */
function behindData(bytes: Buffer, from: number): number {
  let at = from
  for (;;) {
    const length = bytes[at]
    if (length === undefined) throw damaged()
    at += 1 + length
    if (length === 0) return at
  }
}

function damaged(): RenderFailed {
  return new RenderFailed('damaged', 'The GIF is cut off.')
}
