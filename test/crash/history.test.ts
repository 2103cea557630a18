import { expect, it } from 'vitest'
import { KeyHistory } from './history.ts'

it('allows what was acknowledged last, and what was never answered', () => {
  const history = new KeyHistory()
  expect(history.allowed()).toEqual(new Set(['absent']))
  history.acknowledge(history.begin('one'))
  expect(history.allowed()).toEqual(new Set(['one']))
  history.begin('two')
  expect(history.allowed()).toEqual(new Set(['one', 'two']))
  history.acknowledge(history.begin('three'))
  expect(history.allowed()).toEqual(new Set(['two', 'three']))
})

it('allows either of two writes at the same time', () => {
  const history = new KeyHistory()
  const [one, two] = [history.begin('one'), history.begin('two')]
  history.acknowledge(two)
  history.acknowledge(one)
  expect(history.allowed()).toEqual(new Set(['one', 'two']))
  history.settle('one')
  expect(history.allowed()).toEqual(new Set(['one']))
})
