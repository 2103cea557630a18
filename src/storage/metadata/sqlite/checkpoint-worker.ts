import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'

/** Frames of the WAL after a checkpoint, and how many of them are in the database. */
export type CheckpointReply = { readonly log: number; readonly checkpointed: number } | { readonly failure: string }

const { path } = workerData as { path: string }
const db = new Database(path, { fileMustExist: true })
// Syncs the WAL before and the database after copying: the order that keeps a crash from tearing the database.
db.pragma('synchronous = NORMAL')
db.pragma('wal_autocheckpoint = 0')
// Pages are copied from the WAL's file to the database's; the cache holds the schema at most.
db.pragma('cache_size = -256')
const checkpoint = db.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(PASSIVE)')

parentPort?.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    db.close()
    parentPort?.close()
    return
  }
  parentPort?.postMessage(pass())
})

function pass(): CheckpointReply {
  try {
    const state = checkpoint.get()
    return state === undefined ? { failure: 'no answer' } : { log: state.log, checkpointed: state.checkpointed }
  } catch (cause) {
    return { failure: String(cause) }
  }
}
