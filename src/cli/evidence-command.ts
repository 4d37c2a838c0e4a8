import { lines } from '../config/mistakes.ts';
import type { BundleMaking } from '../usecases/make-bundle.ts';
import { type EvidenceOrder, exportEvidence, outcomeWords } from './evidence.ts';

/**
 * `evidence`: makes a bundle and says where it is. Who stops it gets nothing that looks like one.
 * @returns the exit code
 */
export async function evidenceCommand(
  order: EvidenceOrder,
  url: string,
  sealing: BundleMaking['sealing'] | null,
): Promise<number> {
  if (sealing === null) {
    throw lines(['AUDIT_SIGNING_KEY: expected the key that the history is sealed with; a bundle is signed with it.']);
  }
  const stop = new AbortController();
  let code: number | null = null;
  const leave = (signal: NodeJS.Signals): void => {
    code ??= signal === 'SIGINT' ? 130 : 143;
    stop.abort(new Error('stopped'));
  };
  process.once('SIGINT', leave).once('SIGTERM', leave);
  try {
    const { said, made } = outcomeWords(await exportEvidence(url, sealing, order, stop.signal), order);
    (made ? process.stdout : process.stderr).write(`${said}\n`);
    return made ? 0 : 1;
  } catch (error) {
    if (code === null) throw error;
    process.stderr.write('Stopped. Nothing was made.\n');
    return code;
  } finally {
    process.off('SIGINT', leave).off('SIGTERM', leave);
  }
}
