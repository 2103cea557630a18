import { openRenderer } from '../../src/renderer/processes.ts'
import { rendererContract } from './renderer.ts'

rendererContract({ name: 'processes', open: (options) => openRenderer({ ...options, onTrouble: () => undefined }) })
