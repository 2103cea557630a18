import { describe, expect, it } from 'vitest'
import { Places } from '../../src/renderer/places.ts'
import { RenderersBusy } from '../../src/renderer/renderer.ts'

const { signal } = new AbortController()

function taking(places: Places, of = signal) {
  const state = { outcome: 'waits' }
  const done = places.take(of).then(
    () => {
      state.outcome = 'has it'
    },
    (cause: Error) => {
      state.outcome = cause.name
    },
  )
  return { state, done }
}

describe('places', () => {
  it('are for so many, and for the others in their order', async () => {
    const places = new Places({ size: 2, waitingMax: 10 })
    await Promise.all([places.take(signal), places.take(signal)])
    const later = [taking(places), taking(places), taking(places)]
    expect([places.taken, places.waiting]).toEqual([2, 3])
    places.release()
    await later[0]!.done
    // Nobody comes before those who wait.
    const last = taking(places)
    places.release()
    await later[1]!.done
    expect([...later, last].map(({ state }) => state.outcome)).toEqual(['has it', 'has it', 'waits', 'waits'])
    for (let count = 0; count < 4; count += 1) places.release()
    await last.done
    expect([places.taken, places.waiting]).toEqual([0, 0])
  })

  it('are refused to one too many', async () => {
    const places = new Places({ size: 1, waitingMax: 1 })
    await places.take(signal)
    const waiting = taking(places)
    await expect(places.take(signal)).rejects.toThrow(RenderersBusy)
    places.release()
    await waiting.done
    const none = new Places({ size: 1, waitingMax: 0 })
    await none.take(signal)
    await expect(none.take(signal)).rejects.toThrow(RenderersBusy)
  })

  it('are not for who has left', async () => {
    const places = new Places({ size: 1, waitingMax: 5 })
    await places.take(signal)
    const leaving = new AbortController()
    const [first, second] = [taking(places, leaving.signal), taking(places)]
    leaving.abort(new DOMException('gone', 'AbortError'))
    await first.done
    expect([first.state.outcome, places.waiting]).toEqual(['AbortError', 1])
    places.release()
    await second.done
    expect(second.state.outcome).toBe('has it')
    await expect(places.take(leaving.signal)).rejects.toThrow('gone')
  })

  it('are nobody else’s once they are closed', async () => {
    const places = new Places({ size: 1, waitingMax: 5 })
    await places.take(signal)
    const waiting = taking(places)
    places.close()
    await waiting.done
    expect(waiting.state.outcome).toBe('RenderersBusy')
    places.release()
    await expect(places.take(signal)).rejects.toThrow(RenderersBusy)
    expect([places.taken, places.waiting]).toEqual([0, 0])
  })
})
