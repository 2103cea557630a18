// A processing directive as it has been read: what s3/process/ makes of `image/resize,w_100/format,png`, and what
// plan.ts turns into a plan. The operators are in the order in which they are written, which is that in which they are
// carried out, but for auto-orient; `/` and `|` only differ in how they are written. Ranges have been checked; defaults
// have been filled in.

import type { Color, Face, Gravity, PictureFormat } from '../../renderer/plan.ts'

export type Directive = readonly ImageOperator[]

export type ResizeMode = 'lfit' | 'mfit' | 'fill' | 'pad' | 'fixed'

export type ImageOperator =
  | {
      readonly operator: 'resize'
      /** Undefined where the other side decides; both are undefined with a percentage. */
      readonly width: number | undefined
      readonly height: number | undefined
      readonly mode: ResizeMode
      /** Of `pad`. */
      readonly color: Color
      readonly percent: number | undefined
      /** Whether a result that would be larger than the source is the source. */
      readonly limit: boolean
    }
  | {
      readonly operator: 'crop'
      /** Undefined: as much as there is. */
      readonly width: number | undefined
      readonly height: number | undefined
      readonly x: number
      readonly y: number
      readonly gravity: Gravity
    }
  | { readonly operator: 'rotate'; readonly degrees: number }
  | ({
      readonly operator: 'watermark'
      /** Percent: 100 covers what is below. */
      readonly opacity: number
      readonly x: number
      readonly y: number
      readonly gravity: Gravity
    } & (
      | {
          readonly content: 'text'
          readonly text: string
          readonly face: Face
          readonly color: Color
          readonly size: number
          readonly degrees: number
        }
      /** An object of the same bucket, and what is done to it first. */
      | { readonly content: 'image'; readonly key: string; readonly directive: Directive }
    ))
  | { readonly operator: 'format'; readonly format: PictureFormat }
  | { readonly operator: 'info' }
  | { readonly operator: 'average-hue' }
  /** `relative`: percent of the source's own quality; `absolute`: the quality. */
  | { readonly operator: 'quality'; readonly kind: 'relative' | 'absolute'; readonly value: number }
  | { readonly operator: 'strip' }
  | { readonly operator: 'bright'; readonly amount: number }
  | { readonly operator: 'contrast'; readonly amount: number }
  | { readonly operator: 'sharpen'; readonly amount: number }
  | { readonly operator: 'blur'; readonly radius: number; readonly sigma: number }
  | { readonly operator: 'interlace'; readonly on: boolean }
  | { readonly operator: 'auto-orient'; readonly on: boolean }
  | { readonly operator: 'circle'; readonly radius: number }
  | { readonly operator: 'rounded-corners'; readonly radius: number }
  /** Slices of this width (x) or height (y), of which the one of this index is kept. */
  | { readonly operator: 'indexcrop'; readonly axis: 'x' | 'y'; readonly length: number; readonly index: number }
