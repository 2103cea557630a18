import type { Output, PictureFormat, Size } from '../../renderer/plan.ts'
import type { OpenedPicture } from '../../renderer/renderer.ts'
import type { Directive, ImageOperator } from './directive.ts'
import { refused } from './geometry.ts'
import { FORMAT_SIDE_PX_MAX } from './limits.ts'

/** Formats that can hold an animation. */
const ANIMATED: readonly PictureFormat[] = ['gif', 'webp']

/**
 * How the result is written: the last operator of a kind holds.
 * @throws S3Error InvalidArgument where a picture that is no GIF is to be one
 */
export function outputOf(directive: Directive, source: OpenedPicture): Output {
  const format = directive.findLast((one) => one.operator === 'format')?.format ?? source.format
  // The SDK manual does not name gif among the targets; a GIF that stays one is asked for nothing.
  if (format === 'gif' && source.format !== 'gif') {
    throw refused('format', `only a GIF can be returned as gif, and the picture is ${source.format}`)
  }
  return {
    format,
    quality: qualityOf(directive, source, format),
    interlaced: directive.findLast((one) => one.operator === 'interlace')?.on ?? false,
    stripped: directive.some((one) => one.operator === 'strip'),
    animated: source.frames > 1 && ANIMATED.includes(format) && directive.every(keepsFrames),
  }
}

/**
 * An animation stays one where it is resized by width and height only; resized by percentage, turned and so on, its
 * first frame is the picture (ZOS 20703587; OSS says it of percentages and rotations).
 */
function keepsFrames(one: ImageOperator): boolean {
  if (one.operator === 'resize') return one.percent === undefined
  return one.operator === 'format' || isSetting(one)
}

function isSetting({ operator }: ImageOperator): boolean {
  return operator === 'quality' || operator === 'interlace' || operator === 'strip'
}

/**
 * As in OSS it concerns jpg and webp alone. The relative one is a percentage of a JPEG's own quality, and the same as
 * the absolute one for any other source; the absolute one makes no JPEG better than it was.
 */
function qualityOf(directive: Directive, source: OpenedPicture, format: PictureFormat): number | undefined {
  const asked = directive.findLast((one) => one.operator === 'quality')
  if (asked === undefined || (format !== 'jpg' && format !== 'webp')) return undefined
  const own = source.format === 'jpg' ? source.quality : undefined
  if (own === undefined) return asked.value
  if (asked.kind === 'absolute') return Math.min(own, asked.value)
  return Math.max(1, Math.round((own * asked.value) / 100))
}

/** @throws S3Error InvalidArgument for a size that the format cannot write down */
export function refuseUnwritable({ width, height }: Size, format: PictureFormat): void {
  const max = FORMAT_SIDE_PX_MAX[format]
  if (max === undefined || Math.max(width, height) <= max) return
  const problem = `a result of ${width}x${height} cannot be written as ${format}: a side has at most ${max} pixels`
  throw refused('format', problem)
}
