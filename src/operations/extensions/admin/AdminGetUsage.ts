import { reportUsage, type UsageQuery, type UsageReport } from '../../../domain/usage.ts'
import { flag, namedUser, optionalText, timeMs } from '../../../s3/admin/parameters.ts'
import { type UsageParts, usageReportValue } from '../../../s3/admin/usage.ts'
import { adminAnswer } from '../../../s3/admin/value.ts'
import type { Operation } from '../../operation.ts'

interface Input {
  readonly query: UsageQuery
  readonly parts: UsageParts
}

interface Output {
  readonly report: UsageReport
  readonly parts: UsageParts
}

/** `GET /admin/usage`: what requests have cost, by the hour and summed. */
export const AdminGetUsage: Operation<Input, Output> = {
  name: 'AdminGetUsage',
  needs: () => [{ capability: 'usage', access: 'read' }],
  payload: 'none',
  read({ head }) {
    const parts = { showEntries: flag(head, 'show-entries') ?? true, showSummary: flag(head, 'show-summary') ?? true }
    const categories = optionalText(head, 'categories')?.split(/[,;\s]+/)
    return {
      parts,
      query: {
        ownerId: optionalText(head, 'uid') === undefined ? undefined : namedUser(head).id,
        bucket: optionalText(head, 'bucket'),
        fromMs: timeMs(head, 'start') ?? 0,
        toMs: timeMs(head, 'end') ?? Number.MAX_SAFE_INTEGER,
        categories: categories === undefined ? undefined : new Set(categories),
        withEntries: parts.showEntries,
      },
    }
  },
  run: async ({ services }, { query, parts }) => ({ report: await reportUsage(services, query), parts }),
  write: ({ report, parts }, { head }) => adminAnswer(head, 'usage', usageReportValue(report, parts)),
}
