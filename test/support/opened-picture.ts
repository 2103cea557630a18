import type { OpenedPicture } from '../../src/renderer/renderer.ts'

/** A JPEG of 400x267, or what is given, as a session would have opened it. */
export function picture(change: Partial<OpenedPicture> = {}): OpenedPicture {
  return {
    number: 0,
    format: 'jpg',
    bytes: 21_839,
    width: 400,
    height: 267,
    frames: 1,
    orientation: 1,
    hasAlpha: false,
    quality: 80,
    exif: {},
    ...change,
  }
}
