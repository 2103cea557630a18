import type { RenderPlan } from './plan.ts'
import type { RenderFailure, RenderLimits } from './renderer.ts'

// What crosses between the server and a renderer's process.

/** A result larger than this is refused: it is held in the server's memory until it has been sent. */
export const RESULT_BYTES_MAX = 128 * 1024 * 1024

/** The descriptor of the socket, as the process sees it. */
export const SOCKET_FD = 3

export type Call =
  /** The first one, once. */
  | { readonly call: 'begin'; readonly limits: RenderLimits }
  /** The picture's bytes are the body. */
  | { readonly call: 'open' }
  /** The reply's body is the result. */
  | { readonly call: 'render'; readonly plan: RenderPlan }
  | { readonly call: 'average-hue'; readonly picture: number }
  /** A session has ended. Answers the bytes of memory that are held all the same. */
  | { readonly call: 'forget' }

export type Reply =
  | { readonly value: unknown }
  | { readonly failure: { readonly reason: RenderFailure; readonly message: string; readonly cause: string } }
  /** Not the picture's fault. */
  | { readonly error: string }
