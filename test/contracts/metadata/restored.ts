import { expect, it } from 'vitest'
import { type MakePlace, useStore } from './fixture.ts'

export function restoredContract(makePlace: MakePlace): void {
  const at = useStore(makePlace)
  const restored = (dueMs: number, key = 'key', versionId = 'null') => ({ dueMs, bucketId: 1, key, versionId })
  const due = (nowMs: number, limit = 10) => at.store.read((tx) => tx.restored.due({ nowMs, limit }))

  it('hands out what is due, the earliest first', async () => {
    const { store } = at
    expect(await store.read((tx) => tx.restored.nextDueMs())).toBeUndefined()
    await store.write(async (tx) => {
      for (const row of [restored(300), restored(100, 'b'), restored(100, 'a', 'v2'), restored(100, 'a', 'v1')]) {
        await tx.restored.note(row)
      }
    })
    expect(await store.read((tx) => tx.restored.nextDueMs())).toBe(100)
    expect(await due(99)).toEqual([])
    expect(await due(100)).toEqual([restored(100, 'a', 'v1'), restored(100, 'a', 'v2'), restored(100, 'b')])
    expect(await due(300, 1)).toEqual([restored(100, 'a', 'v1')])
    expect(await due(300)).toHaveLength(4)
    const after = restored(100, 'a', 'v2')
    const behind = await store.read((tx) => tx.restored.due({ nowMs: 299, limit: 10, after }))
    expect(behind).toEqual([restored(100, 'b')])
    expect(await store.read((tx) => tx.restored.nextDueMs(after))).toBe(100)
    expect(await store.read((tx) => tx.restored.nextDueMs(restored(100, 'b')))).toBe(300)
    expect(await store.read((tx) => tx.restored.nextDueMs(restored(300)))).toBeUndefined()
  })

  it('forgets each by itself, and notes one twice as once', async () => {
    const { store } = at
    const rows = [restored(100), restored(200)]
    for (const row of [...rows, ...rows]) await store.write((tx) => tx.restored.note(row))
    expect(await due(200)).toEqual(rows)
    await store.write((tx) => tx.restored.forget([restored(100), restored(150)]))
    expect(await due(200)).toEqual([restored(200)])
  })
}
