import type { Color, PictureFormat, RenderPlan, Size } from './plan.ts'

/**
 * The renderer port: pictures are opened, looked at, and rendered by plan. It knows no grammar, no object and no
 * request. `sharp/engine.ts` does it; it runs in processes of its own (`processes.ts`), so that a picture can neither
 * hold up the server nor bring it down.
 */
export interface Renderer {
  /**
   * Waits for one of the places, and gives it back when `work` has ended: pictures are only in memory meanwhile, so
   * whoever has their bytes reads them within `work`.
   * @throws RenderersBusy when too many wait already; what `work` throws
   */
  session<T>(work: (session: RenderSession) => Promise<T>, signal: AbortSignal): Promise<T>
  stats(): { readonly running: number; readonly waiting: number; readonly processes: number }
  close(): Promise<void>
}

export interface RenderSession {
  /**
   * Reads the header, not the pixels. The picture is sent on as it is read, piece by piece.
   * @throws RenderFailed `not-a-picture`, `too-large`, `unsupported`, `damaged`; what the pieces throw
   */
  open(picture: StreamedBytes): Promise<OpenedPicture>
  /** @throws RenderFailed */
  render(plan: RenderPlan): Promise<Rendered>
  /** The mean of all pixels. @throws RenderFailed */
  averageHue(picture: number): Promise<Color>
}

/** A file that is read while it is sent. */
export interface StreamedBytes {
  readonly sizeBytes: number
  readonly pieces: AsyncIterable<Buffer>
}

export interface OpenedPicture extends Size {
  /** What plans call it. */
  readonly number: number
  /** By its bytes, whatever its name says. */
  readonly format: PictureFormat
  readonly bytes: number
  /** Frames of an animation; 1 otherwise. */
  readonly frames: number
  /** EXIF's, 1 to 8; 1 where there is none. Width and height are those of the pixels as stored. */
  readonly orientation: number
  readonly hasAlpha: boolean
  /** What the encoder was told, as far as it can be seen: of a jpg; undefined otherwise. */
  readonly quality: number | undefined
  /** EXIF by the names of its tags, as text; empty where there is none. */
  readonly exif: Readonly<Record<string, string>>
}

export interface Rendered extends Size {
  readonly bytes: Buffer
  readonly format: PictureFormat
}

/** What a source may be, and what rendering may take. */
export interface RenderLimits {
  readonly sidePx: number
  /** Width times height times frames. */
  readonly pixels: number
  /** For all that a session asks for together. */
  readonly timeoutMs: number
  /** Resident memory of a session's process, which needs some 100 MiB for itself. */
  readonly memoryBytes: number
}

export type RenderFailure = 'not-a-picture' | 'damaged' | 'unsupported' | 'too-large' | 'timeout' | 'out-of-memory'

/** The picture cannot be rendered; the message is for whoever sent it. */
export class RenderFailed extends Error {
  override readonly name = 'RenderFailed'
  readonly reason: RenderFailure

  constructor(reason: RenderFailure, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }
}

/** As many render as may, and as many wait as may. */
export class RenderersBusy extends Error {
  override readonly name = 'RenderersBusy'
}
