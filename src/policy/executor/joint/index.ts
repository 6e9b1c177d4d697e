/** @file The paper's executor, tied to one pool. */
export {
  createJointExecutor,
  type JointExecutorOptions,
  jointCandidateNames,
  jointContextNames,
} from './joint-executor.ts'
