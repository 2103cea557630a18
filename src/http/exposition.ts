import type { ELDHistogram } from 'node:perf_hooks'
import type { Renderer } from '../renderer/renderer.ts'
import type { MetadataStats } from '../storage/metadata/store.ts'
import { LATENCY_BOUNDS_S, type OperationCounts, type RequestMetrics } from './metrics.ts'
import type { Family, Sample } from './prometheus.ts'

const NS_PER_S = 1e9
const US_PER_S = 1e6

/** Everything that GET /metrics tells. */
export function exposition(facts: {
  requests: RequestMetrics
  metadata: MetadataStats
  renderer: RendererStats
  loopDelay: ELDHistogram
}): Family[] {
  const counts = [...facts.requests.byOperation()]
  return [
    ...requestFamilies(counts),
    ...storageFamilies(facts.metadata),
    ...rendererFamilies(facts.renderer),
    ...processFamilies(facts.loopDelay),
  ]
}

type RendererStats = ReturnType<Renderer['stats']>
type Counts = readonly (readonly [operation: string, counts: Readonly<OperationCounts>])[]

function requestFamilies(counts: Counts): Family[] {
  const perOperation = (value: (of: Readonly<OperationCounts>) => number): Sample[] =>
    counts.map(([operation, of]) => ({ labels: { operation }, value: value(of) }))
  const requests = counts.flatMap(([operation, { byStatus }]) =>
    [...byStatus].map(([status, value]) => ({ labels: { operation, status }, value })),
  )
  const received = perOperation((of) => of.bytesIn)
  const sent = perOperation((of) => of.bytesOut)
  const durations = latencies(counts)
  return [
    { name: 'cozos_requests_total', type: 'counter', help: 'Answered requests.', samples: requests },
    { name: 'cozos_request_duration_seconds', type: 'histogram', help: 'From head to answer.', samples: durations },
    { name: 'cozos_received_bytes_total', type: 'counter', help: 'Bytes of request bodies.', samples: received },
    { name: 'cozos_sent_bytes_total', type: 'counter', help: 'Bytes of response bodies.', samples: sent },
  ]
}

function latencies(counts: Counts): Sample[] {
  return counts.flatMap(([operation, { latency, seconds }]) => {
    let sum = 0
    const buckets = latency.map((value, place) => {
      sum += value
      return { suffix: '_bucket', labels: { operation, le: LATENCY_BOUNDS_S[place] ?? '+Inf' }, value: sum }
    })
    const totals = [
      { suffix: '_sum', labels: { operation }, value: seconds },
      { suffix: '_count', labels: { operation }, value: sum },
    ]
    return [...buckets, ...totals]
  })
}

function storageFamilies(stats: MetadataStats): Family[] {
  const batch = stats.commits === 0 ? 0 : stats.transactions / stats.commits
  return [
    gauge('cozos_database_bytes', 'Size of the metadata database.', stats.databaseBytes),
    gauge('cozos_wal_bytes', 'Size of its write-ahead log.', stats.walBytes),
    gauge('cozos_chunk_files', 'Chunk files that objects refer to.', stats.fileChunks),
    gauge('cozos_chunk_file_bytes', 'Their bytes.', stats.fileChunkBytes),
    counter('cozos_commits_total', 'Group commits.', stats.commits),
    counter('cozos_transactions_total', 'Transactions in them.', stats.transactions),
    gauge('cozos_commit_batch_size', 'Transactions per group commit since the start.', batch),
  ]
}

function rendererFamilies({ running, waiting, processes }: RendererStats): Family[] {
  return [
    gauge('cozos_renders_running', 'Pictures that are being processed.', running),
    gauge('cozos_renders_waiting', 'Pictures that wait for their turn.', waiting),
    gauge('cozos_renderer_processes', 'Processes that process pictures.', processes),
  ]
}

function processFamilies(delay: ELDHistogram): Family[] {
  const samples = [50, 90, 99].map((percentile) => ({
    labels: { quantile: percentile / 100 },
    value: delay.percentile(percentile) / NS_PER_S,
  }))
  const usage = process.cpuUsage()
  return [
    { name: 'cozos_event_loop_delay_seconds', type: 'summary', help: 'How late timers fire.', samples },
    gauge('cozos_event_loop_delay_max_seconds', 'The latest that one fired.', delay.max / NS_PER_S),
    gauge('process_resident_memory_bytes', 'Resident memory.', process.memoryUsage.rss()),
    counter('process_cpu_seconds_total', 'Processor time used.', (usage.user + usage.system) / US_PER_S),
    gauge('process_uptime_seconds', 'Time since the start.', process.uptime()),
  ]
}

function gauge(name: string, help: string, value: number): Family {
  return { name, type: 'gauge', help, samples: [{ value }] }
}

function counter(name: string, help: string, value: number): Family {
  return { name, type: 'counter', help, samples: [{ value }] }
}
