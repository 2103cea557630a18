import { beforeEach, describe, expect, it } from 'vitest'
import { CLOCK_MS_MAX, SettableClock, systemClock } from '../../src/lib/clock.ts'

const START_MS = Date.UTC(2030, 0, 1)
const real = { nowMs: START_MS, now: () => real.nowMs }
let clock: SettableClock

beforeEach(() => {
  real.nowMs = START_MS
  clock = new SettableClock(real)
})

function pass(ms: number): number {
  real.nowMs += ms
  return clock.now() - START_MS
}

describe('a clock that can be set', () => {
  it('shows the real time until somebody sets it', () => {
    expect(pass(5)).toBe(5)
    expect(clock.state()).toEqual({ nowMs: START_MS + 5, mode: 'real', offsetMs: 0, speed: 1, signatures: false })
    expect(Math.abs(new SettableClock().now() - systemClock.now())).toBeLessThan(60_000)
  })

  it('runs on from an offset, ahead or behind', () => {
    clock.set({ offsetMs: 1000 })
    expect(pass(5)).toBe(1005)
    expect(clock.state()).toMatchObject({ mode: 'offset', offsetMs: 1000, speed: 1 })
    clock.set({ offsetMs: -1000 })
    expect(pass(5)).toBe(-990)
    clock.set({ offsetMs: 0 })
    expect(clock.state()).toMatchObject({ mode: 'real', offsetMs: 0 })
  })

  it('stands still where it is or at an instant, and runs on from there', () => {
    clock.set({ freeze: true })
    expect(pass(5)).toBe(0)
    expect(clock.state()).toMatchObject({ mode: 'frozen', speed: 0, offsetMs: -5, nowMs: START_MS })
    clock.set({ freeze: { atMs: START_MS + 99 } })
    expect(pass(5)).toBe(99)
    clock.set({ freeze: false })
    expect(pass(5)).toBe(104)
    clock.set({ freeze: true })
    clock.set({ speed: 2 })
    expect(pass(5)).toBe(114)
    clock.set({ freeze: true })
    clock.set({ offsetMs: 7 })
    expect(pass(1)).toBe(28)
  })

  it('goes faster or slower from where it is', () => {
    clock.set({ speed: 60 })
    expect(pass(1000)).toBe(60_000)
    expect(clock.state()).toMatchObject({ mode: 'scaled', speed: 60, offsetMs: 59_000 })
    clock.set({ speed: 0.5 })
    expect(pass(1000)).toBe(60_500)
    expect(Number.isInteger(clock.now())).toBe(true)
    clock.set({ speed: 1 })
    expect(clock.state()).toMatchObject({ mode: 'offset', offsetMs: 58_500 })
  })

  it('advances, running or standing, from what it shows by then', () => {
    const advance = (nowMs: number) => nowMs + 100
    clock.set({ advance })
    expect(pass(1)).toBe(101)
    clock.set({ advance })
    expect(pass(1)).toBe(202)
    clock.set({ freeze: { atMs: START_MS }, advance })
    expect(pass(1)).toBe(100)
    clock.set({ advance })
    expect(pass(1)).toBe(200)
    clock.set({ reset: true, speed: 10, advance })
    expect(pass(1)).toBe(3 + 1 + 100 + 10)
  })

  it('is reset to the real time', () => {
    clock.set({ speed: 60, signatures: true })
    pass(1000)
    clock.set({ reset: true })
    expect(clock.state()).toMatchObject({ mode: 'real', offsetMs: 0, speed: 1, signatures: false })
  })

  it('keeps signatures at the real time unless it is told otherwise', () => {
    clock.set({ freeze: { atMs: 0 } })
    expect([clock.now(), clock.forSignatures.now()]).toEqual([0, START_MS])
    clock.set({ signatures: true })
    expect(clock.forSignatures.now()).toBe(0)
    clock.set({ advance: (nowMs) => nowMs + 5 })
    expect(clock.forSignatures.now()).toBe(5)
    clock.set({ signatures: false })
    expect(clock.forSignatures.now()).toBe(START_MS)
    expect(clock.now()).toBe(5)
  })

  it('shows nothing outside its range', () => {
    expect(() => clock.set({ freeze: { atMs: -1 } })).toThrow(RangeError)
    expect(() => clock.set({ freeze: { atMs: 0 }, advance: () => CLOCK_MS_MAX + 1, signatures: true })).toThrow(
      RangeError,
    )
    expect(clock.state()).toMatchObject({ mode: 'real', signatures: false })
    clock.set({ freeze: { atMs: CLOCK_MS_MAX } })
    clock.set({ speed: 1000 })
    pass(1000)
    expect(clock.now()).toBe(CLOCK_MS_MAX)
  })

  it('tells how long a time is away', () => {
    expect(clock.realMsUntil(START_MS + 10)).toBe(10)
    expect(clock.realMsUntil(START_MS)).toBe(0)
    expect(clock.realMsUntil(START_MS - 10)).toBe(0)
    clock.set({ speed: 10 })
    expect(clock.realMsUntil(START_MS + 10)).toBe(1)
    clock.set({ freeze: true })
    expect(clock.realMsUntil(START_MS + 10)).toBe(Number.POSITIVE_INFINITY)
    expect(clock.realMsUntil(START_MS)).toBe(0)
  })

  it('tells its listeners of each change, until they leave', () => {
    let heard = 0
    const leave = clock.onChange(() => (heard += 1))
    clock.set({ freeze: true })
    clock.set({ reset: true })
    expect(heard).toBe(2)
    expect(() => clock.set({ freeze: { atMs: -1 } })).toThrow()
    expect(heard).toBe(2)
    leave()
    clock.set({ freeze: true })
    expect(heard).toBe(2)
  })
})
