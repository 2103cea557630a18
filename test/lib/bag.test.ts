import { expect, it } from 'vitest'
import { Bag } from '../../src/lib/bag.ts'
import { onAbort } from '../../src/lib/on-abort.ts'

it('has what was added and not removed, whatever goes first', () => {
  const bag = new Bag<number>()
  const places = Array.from({ length: 10 }, (_, n) => bag.add(n))
  for (const n of [0, 9, 4, 5]) expect(bag.remove(places[n]!)).toBe(true)
  expect(bag.remove(places[4]!)).toBe(false)
  expect(bag.items().toSorted()).toEqual([1, 2, 3, 6, 7, 8])
  expect(bag.size).toBe(6)
  expect(places.map(({ item }) => item)).toEqual([undefined, 1, 2, 3, undefined, undefined, 6, 7, 8, undefined])
  const again = bag.add(4)
  for (const place of [...places, again]) bag.remove(place)
  expect(bag.items()).toEqual([])
})

it('hands out those of one moment, while they go', () => {
  const bag = new Bag<string>()
  for (const item of ['a', 'b', 'c']) bag.add(item)
  const seen = bag.places().map((place) => {
    const { item } = place
    bag.remove(place)
    return item
  })
  expect(seen.toSorted()).toEqual(['a', 'b', 'c'])
  expect(bag.size).toBe(0)
})

it('calls back all that still wait for a signal, once', () => {
  const controller = new AbortController()
  const called: number[] = []
  const letGo = Array.from({ length: 5 }, (_, n) => onAbort(controller.signal, () => void called.push(n)))
  letGo[1]!()
  letGo[1]!()
  letGo[4]!()
  controller.abort()
  letGo[0]!()
  controller.abort()
  expect(called.toSorted()).toEqual([0, 2, 3])
})
