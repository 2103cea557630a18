import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { type Message, MessageReader, sendMessage } from '../../src/renderer/wire.ts'

function sent(...messages: readonly (readonly [object, Buffer?])[]): Buffer {
  const stream = new PassThrough({ highWaterMark: 1024 * 1024 })
  for (const [head, body] of messages) sendMessage(stream, head, body)
  return stream.read()
}

function reader(bodyBytesMax = 1000) {
  const messages: Message[] = []
  return { messages, reader: new MessageReader({ bodyBytesMax, onMessage: (message) => messages.push(message) }) }
}

describe('messages of renderers', () => {
  const bytes = sent(
    [{ call: 'open' }, Buffer.from('a body')],
    [{ call: 'forget' }],
    [{ text: '图片' }, Buffer.alloc(0)],
  )
  const expected = [
    { head: { call: 'open' }, body: Buffer.from('a body') },
    { head: { call: 'forget' }, body: Buffer.alloc(0) },
    { head: { text: '图片' }, body: Buffer.alloc(0) },
  ]

  it('arrive as they were sent, however they are split', () => {
    for (let size = 1; size <= bytes.length; size += 1) {
      const { messages, reader: to } = reader()
      for (let at = 0; at < bytes.length; at += size) to.take(bytes.subarray(at, at + size))
      expect(messages).toEqual(expected)
    }
  })

  it('that are too long are not waited for', () => {
    const { reader: to } = reader(5)
    expect(() => to.take(bytes)).toThrow('a message of 6 bytes is more than 5')
    const endless = Buffer.alloc(8, 255)
    expect(() => reader().reader.take(endless)).toThrow('is more than 1048576')
  })

  it('whose head is no JSON are refused', () => {
    const nonsense = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]), Buffer.from('{')])
    expect(() => reader().reader.take(nonsense)).toThrow(SyntaxError)
  })
})
