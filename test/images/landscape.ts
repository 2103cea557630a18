import type { Colour } from './gallery.ts'

type Noise = (x: number, y: number) => number

/** From 0 to 1, of whole numbers; the same for the same place. */
export function noiseOf(seed: number): Noise {
  return (x, y) => {
    let hash = Math.imul(x, 374_761_393) + Math.imul(y, 668_265_263) + Math.imul(seed, 362_437)
    hash = Math.imul(hash ^ (hash >>> 13), 1_274_126_177)
    return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
  }
}

const SUN: Colour = [255, 236, 150]
const WALL: Colour = [196, 58, 44]
const ROOF: Colour = [72, 44, 40]
const WINDOW: Colour = [250, 240, 200]

/** A house in a meadow before mountains. Both coordinates go from 0 to 1. */
export function landscape(u: number, v: number, noise: Noise): Colour {
  const house = houseAt((u - 0.16) / 0.2, (v - 0.6) / 0.24)
  if (house !== undefined) return house
  if (v > 0.82) return [50 + 60 * noise(Math.floor(u * 160), Math.floor(v * 120)), 130 - 60 * (v - 0.82), 40]
  if (v > 0.44 + 0.1 * Math.sin(9 * u + 1) + 0.05 * Math.sin(31 * u)) return [62, 92 + 40 * v, 84]
  if (v > 0.3 + 0.16 * Math.abs(Math.sin(5 * u + 0.4))) return [120 + 60 * u, 128 + 40 * u, 158]
  if (Math.hypot(u - 0.8, (v - 0.16) * 0.7) < 0.07) return SUN
  return [90 + 110 * v, 150 + 110 * v, 226]
}

/** In its own square. */
function houseAt(u: number, v: number): Colour | undefined {
  if (u < 0 || u > 1 || v < 0 || v > 1) return undefined
  if (v < 0.4) return Math.abs(u - 0.5) < v * 1.25 ? ROOF : undefined
  return u > 0.6 && u < 0.82 && v > 0.52 && v < 0.76 ? WINDOW : WALL
}
