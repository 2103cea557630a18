import { expect, it } from 'vitest'
import type { UsageRow } from '../../../src/storage/metadata/rows.ts'
import { type MakePlace, useStore } from './fixture.ts'

const HOUR_MS = 3_600_000
const ALWAYS = { fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }

function usage(ownerId: string, bucket: string, { hour = 0, category = 'put_obj' } = {}): UsageRow {
  const numbers = { bytesSent: 1, bytesReceived: 2, operations: 3, successfulOperations: 4 }
  return { ownerId, bucket, hourMs: hour * HOUR_MS, category, ...numbers }
}

const ROWS = [
  usage('a', '', { category: 'list_buckets' }),
  usage('a', 'x', { hour: 1, category: 'get_obj' }),
  usage('a', 'x', { hour: 1, category: 'put_obj' }),
  usage('a', 'x', { hour: 2, category: 'get_obj' }),
  usage('a', 'y', { hour: 1 }),
  usage('b', 'x', { hour: 1 }),
  usage('c', 'y', { hour: 3 }),
]

export function usageContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  type Range = { ownerId?: string; bucket?: string; fromMs?: number; toMs?: number }

  /** All pages of this many rows. */
  const list = async (range: Range, limit = 100): Promise<UsageRow[]> => {
    const rows: UsageRow[] = []
    for (;;) {
      const after = rows.at(-1)
      const page = await at.store.read((tx) => tx.usage.list({ ...ALWAYS, ownerId: undefined, ...range, after, limit }))
      rows.push(...page)
      if (page.length < limit) return rows
    }
  }
  const add = (...rows: UsageRow[]) => at.store.write((tx) => tx.usage.add(rows))

  it('adds up what falls into the same hour', async () => {
    await add(...ROWS)
    await add(ROWS[1]!, ROWS[1]!)
    const [row] = await list({ ownerId: 'a', bucket: 'x' })
    const sum = { bytesSent: 3, bytesReceived: 6, operations: 9, successfulOperations: 12 }
    expect(row).toEqual({ ...ROWS[1], ...sum })
  })

  it.each([1, 2, 3, 100])('lists by owner, bucket, hour and category, in pages of %i', async (limit) => {
    await add(...ROWS.toReversed())
    const named = (test: (row: UsageRow) => boolean) => ROWS.filter(test)
    expect(await list({}, limit)).toEqual(ROWS)
    expect(await list({ ownerId: 'a' }, limit)).toEqual(named((row) => row.ownerId === 'a'))
    expect(await list({ bucket: 'x' }, limit)).toEqual(named((row) => row.bucket === 'x'))
    expect(await list({ ownerId: 'a', bucket: 'x' }, limit)).toEqual(ROWS.slice(1, 4))
    expect(await list({ ownerId: 'a', bucket: '' }, limit)).toEqual(ROWS.slice(0, 1))
    expect(await list({ fromMs: HOUR_MS, toMs: 2 * HOUR_MS }, limit)).toEqual(named((row) => row.hourMs === HOUR_MS))
    expect(await list({ ownerId: 'a', fromMs: 2 * HOUR_MS }, limit)).toEqual(ROWS.slice(3, 4))
    expect(await list({ ownerId: 'none' }, limit)).toEqual([])
  })

  it('trims a range of hours, of one owner or of all, some rows at a time', async () => {
    const { store } = at
    await add(...ROWS)
    const trim = (range: Range, limit = 100) =>
      store.write((tx) => tx.usage.trim({ ...ALWAYS, ownerId: undefined, ...range, limit }))
    expect(await trim({ ownerId: 'a', fromMs: HOUR_MS, toMs: 2 * HOUR_MS }, 2)).toBe(2)
    expect(await trim({ ownerId: 'a', fromMs: HOUR_MS, toMs: 2 * HOUR_MS }, 2)).toBe(1)
    expect(await list({})).toEqual([ROWS[0], ROWS[3], ROWS[5], ROWS[6]])
    expect(await trim({ fromMs: HOUR_MS, toMs: 3 * HOUR_MS })).toBe(2)
    expect(await list({})).toEqual([ROWS[0], ROWS[6]])
    expect(await trim({})).toBe(2)
    expect(await trim({})).toBe(0)
  })

  it('leaves nothing of a write that throws', async () => {
    const failing = at.store.write(async (tx) => {
      await tx.usage.add(ROWS)
      throw new Error('refused')
    })
    await expect(failing).rejects.toThrow('refused')
    expect(await list({})).toEqual([])
  })
}
