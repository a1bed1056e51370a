/** What thin_check(8) found, by its exit status and its words. Pure. */

/**
 * True: sound; false: damaged; null: it did not come to a verdict. Up to 0.9 damage is 1. From 1.0, which is written anew, it is
 * 64, and so is a file that cannot be read: there the transaction id, printed once the superblock is good, or the superblock's own
 * complaint tells that it was looked at (thin-provisioning-tools: src/commands/utils.rs, to_exit_code; src/thin/check.rs).
 */
export function soundness({ status, stdout, stderr }: { status: number | null; stdout: string; stderr: string }): boolean | null {
  if (status === 0) return true;
  if (status === 1) return false;
  const lookedAt = /^TRANSACTION_ID=/m.test(stdout) || /\bsuperblock\b/.test(stderr);
  return status === 64 && lookedAt && !/Input\/output error|\(os error \d+\)/.test(stderr) ? false : null;
}
