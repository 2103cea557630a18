import { describe, expect, it } from 'vitest'
import { RequestMetrics } from '../../src/http/metrics.ts'
import { renderFamilies } from '../../src/http/prometheus.ts'

describe('renderFamilies', () => {
  it('writes help, type and samples, and escapes label values', () => {
    const samples = [
      { labels: { a: 'x"\\\n', b: 2 }, value: 1.5 },
      { suffix: '_sum', value: 3 },
    ]
    expect(renderFamilies([{ name: 'n', type: 'counter', help: 'h', samples }])).toBe(
      '# HELP n h\n# TYPE n counter\nn{a="x\\"\\\\\\n",b="2"} 1.5\nn_sum 3\n',
    )
  })
})

describe('RequestMetrics', () => {
  it('puts each request into the first bucket that is not below it', () => {
    const metrics = new RequestMetrics()
    const request = { operation: 'GetObject' as const, status: 200, bytesIn: 1, bytesOut: 2 }
    for (const durationMs of [0.5, 1, 1.1, 40_000]) metrics.count({ ...request, durationMs })
    const counts = metrics.byOperation().get('GetObject')
    expect(counts?.latency.slice(0, 3)).toEqual([2, 1, 0])
    expect(counts?.latency.at(-1)).toBe(1)
    expect(counts).toMatchObject({ bytesIn: 4, bytesOut: 8 })
    expect(counts?.byStatus.get(200)).toBe(4)
  })
})
