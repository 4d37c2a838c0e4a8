import { exits, verifyBundleCommand, verifyBundleUsage } from './verify-bundle.ts';

/** The verifier by itself: built into one file that needs nothing but Node (npm run build). */
const args = process.argv.slice(2);
const usage = `Usage: node breakglass-verify.cjs ${verifyBundleUsage}`;

if (args.length === 0 || args[0] === 'help' || args.includes('--help') || args.includes('-h')) {
  process.stdout.write(usage);
  process.exitCode = args.length === 0 ? exits.use : exits.verified;
} else {
  verifyBundleCommand(args).then(
    (code) => {
      process.exitCode = code;
    },
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = exits.nothing;
    },
  );
}
