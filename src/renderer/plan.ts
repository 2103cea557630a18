// What a renderer is asked to do. A plan is made of plain values: it travels to another process.

/** sRGB, each 0 to 255. */
export interface Color {
  readonly red: number
  readonly green: number
  readonly blue: number
}

export type PictureFormat = 'jpg' | 'png' | 'webp' | 'bmp' | 'tiff' | 'gif'

/** In pixels. */
export interface Size {
  readonly width: number
  readonly height: number
}

/** One of the nine places of a picture. */
export type Gravity = 'nw' | 'north' | 'ne' | 'west' | 'center' | 'east' | 'sw' | 'south' | 'se'

/**
 * One step. After each the picture has exactly the size that the plan says: whoever makes plans knows it beforehand.
 * Of an animation every frame takes part.
 */
export type RenderStep =
  /** Turned and mirrored as EXIF says, which is forgotten then. */
  | { readonly step: 'orient' }
  /** Each side by its own factor. */
  | { readonly step: 'scale'; readonly to: Size }
  | { readonly step: 'cut'; readonly left: number; readonly top: number; readonly size: Size }
  /** Laid in the middle of a larger one; an odd pixel goes to the right and the bottom. */
  | { readonly step: 'pad'; readonly to: Size; readonly color: Color }
  /**
   * Clockwise, 0 < degrees < 360, about the middle. The corners that arise have this color; they are transparent where
   * it is undefined.
   */
  | { readonly step: 'turn'; readonly degrees: number; readonly to: Size; readonly color: Color | undefined }
  /** The opacity is percent: 100 covers what is below. What reaches beyond the edges is cut off. */
  | { readonly step: 'overlay'; readonly overlay: Overlay; readonly place: Place; readonly opacity: number }
  /** What lies outside the circle around the middle becomes transparent; half a pixel is a radius, too. */
  | { readonly step: 'circle'; readonly radius: number }
  | { readonly step: 'round-corners'; readonly radius: number }
  /** -100 to 100, 0 changes nothing. */
  | { readonly step: 'bright'; readonly amount: number }
  | { readonly step: 'contrast'; readonly amount: number }
  /** 50 to 399: hundredths. */
  | { readonly step: 'sharpen'; readonly amount: number }
  /** Gaussian; both 1 to 50. */
  | { readonly step: 'blur'; readonly radius: number; readonly sigma: number }

export type StepOf<Name extends RenderStep['step']> = Extract<RenderStep, { readonly step: Name }>

/** Where an overlay goes once its size is known: at one of the nine places, this far from the edges there. */
export interface Place {
  readonly gravity: Gravity
  readonly x: number
  readonly y: number
}

export type Overlay =
  /** A picture that the session has opened, with steps of its own. */
  | { readonly kind: 'picture'; readonly picture: number; readonly steps: readonly RenderStep[] }
  | ({ readonly kind: 'text' } & TextOverlay)

/** `sans` is heiti and yahei, `kai` kaishu, `round` youyuan; the others are Latin faces with `sans` behind them. */
export type Face = 'sans' | 'kai' | 'round' | 'arial' | 'times' | 'courier'

export interface TextOverlay {
  readonly text: string
  readonly face: Face
  /** The height of a line's letters (em), in pixels. */
  readonly size: number
  readonly color: Color
  /** Clockwise, 0 to 360. */
  readonly degrees: number
}

export interface RenderPlan {
  /** The picture that it begins with: what `open` has returned as its number. */
  readonly picture: number
  readonly steps: readonly RenderStep[]
  readonly output: Output
}

export interface Output {
  readonly format: PictureFormat
  /** 1 to 100, of jpg, webp and tiff; undefined: the encoder's good default. */
  readonly quality: number | undefined
  /** Of jpg: progressive; of png and gif: interlaced. */
  readonly interlaced: boolean
  /** Whether EXIF, ICC profile and comments are left out. */
  readonly stripped: boolean
  /** Whether all frames of an animation are kept; otherwise its first one is the picture. */
  readonly animated: boolean
}
