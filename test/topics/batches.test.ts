import { expect, it } from 'vitest'
import { Batches } from '../../src/topics/batches.ts'

function gathering(send: (items: readonly string[]) => void | Promise<void> = () => undefined) {
  const sent: (readonly string[])[] = []
  const batches = new Batches<string>({
    send: async (items) => {
      sent.push(items)
      await send(items)
    },
    bytesOf: ({ length }) => length,
    isDivisible: (cause) => cause instanceof RangeError,
    itemsMax: 3,
    bytesMax: 10,
  })
  return { sent, add: (...items: string[]) => Promise.allSettled(items.map((item) => batches.add(item))) }
}

const fates = (outcomes: PromiseSettledResult<void>[]) => outcomes.map(({ status }) => status)

it('sends together what is added in one turn, within its bounds and in its order', async () => {
  const { sent, add } = gathering()
  await add('a', 'b')
  await add('c')
  expect(sent.splice(0)).toEqual([['a', 'b'], ['c']])
  await add('1', '2', '3', '4')
  expect(sent.splice(0)).toEqual([['1', '2', '3'], ['4']])
  await add('12345', '67890', 'x', 'larger than all of it', 'y')
  expect(sent).toEqual([['12345', '67890'], ['x'], ['larger than all of it'], ['y']])
})

it('fails all of a batch', async () => {
  const { sent, add } = gathering(() => {
    throw new Error('lost')
  })
  expect(fates(await add('a', 'b', 'c', 'd'))).toEqual(['rejected', 'rejected', 'rejected', 'rejected'])
  expect(sent).toHaveLength(2)
})

it('sends each alone where one of them may be to blame', async () => {
  const { sent, add } = gathering((items) => {
    if (items.includes('bad')) throw new RangeError('too large')
  })
  expect(fates(await add('a', 'bad', 'c', 'd'))).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(sent).toEqual([['a', 'bad', 'c'], ['d'], ['a'], ['bad'], ['c']])
})
